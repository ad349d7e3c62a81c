#pragma once

#include <cstdint>
#include <string>

#include <boost/filesystem/path.hpp>

namespace hypersynth {

/// The memory that this process and its children may use, and what says so.
struct MemoryLimit {
  std::uint64_t bytes = 0;  ///< 0: not known
  std::string source;       ///< "--mem", "this machine"
};

/// The least of what this machine has, what the control groups of this process allow (v1 and v2,
/// its own and those above it), what SLURM gave its job (SLURM_MEM_PER_NODE, SLURM_MEM_PER_CPU),
/// and the limit of its address space, by which Grid Engine limits jobs (h_vmem). `root` is where
/// /proc and /sys/fs/cgroup are looked for.
MemoryLimit machine_memory(const boost::filesystem::path& root = "/");

/// Bytes that nobody uses at the moment; 0: not known.
std::uint64_t free_memory_bytes();

}  // namespace hypersynth
