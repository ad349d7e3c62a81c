#pragma once

#include <boost/filesystem/path.hpp>

namespace hypersynth {

/// Processors that this process and its children may use: the least of those that it may run on,
/// of what its control groups allow (v1 and v2, its own and those above it; parts of a processor
/// count as one) and of what a cluster gave its job (SLURM_CPUS_PER_TASK, NCPUS of PBS, NSLOTS of
/// SGE). At least 1. `root` is where /proc and /sys/fs/cgroup are looked for.
int machine_processors(const boost::filesystem::path& root = "/");

}  // namespace hypersynth
