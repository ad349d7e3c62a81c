#include "app/memory_limit.h"

#include <cstdlib>
#include <fstream>

#include <sys/resource.h>

#include "app/control_groups.h"

namespace hypersynth {

namespace {

namespace fs = boost::filesystem;

/// The number that `text` begins with; 0 where it is none, as "max" is.
std::uint64_t number_in(const char* text) {
  return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
}

std::uint64_t number_in(const fs::path& file) {
  std::string text;
  std::ifstream(file.string()) >> text;
  return number_in(text.c_str());
}

std::uint64_t meminfo_bytes(const fs::path& root, const std::string& wanted) {
  std::ifstream meminfo((root / "proc/meminfo").string());
  for (std::string name, rest; meminfo >> name;) {
    std::uint64_t kib = 0;
    meminfo >> kib;
    std::getline(meminfo, rest);
    if (name == wanted) return kib << 10;
  }
  return 0;
}

void lower(MemoryLimit& limit, std::uint64_t bytes, const std::string& source) {
  if (bytes == 0 || (limit.bytes != 0 && limit.bytes <= bytes)) return;
  limit = {bytes, source};
}

void lower_by_own_groups(MemoryLimit& limit, const fs::path& root) {
  for (const auto& [folder, version] : own_control_groups("memory", root)) {
    const char* file = version == 2 ? "memory.max" : "memory.limit_in_bytes";
    lower(limit, number_in(folder / file), "the control group " + folder.string());
  }
}

/// In SLURM's words 0 is all that the node has.
void lower_by_slurm(MemoryLimit& limit) {
  constexpr std::uint64_t kMegabyte = 1 << 20;
  lower(limit, number_in(std::getenv("SLURM_MEM_PER_NODE")) * kMegabyte, "SLURM_MEM_PER_NODE");
  lower(limit,
        number_in(std::getenv("SLURM_MEM_PER_CPU")) * kMegabyte *
            number_in(std::getenv("SLURM_CPUS_ON_NODE")),
        "SLURM_MEM_PER_CPU");
}

/// What Grid Engine makes of h_vmem, and PBS of some of its limits: of each process, and of
/// addresses.
void lower_by_address_space(MemoryLimit& limit) {
  rlimit addresses{};
  if (::getrlimit(RLIMIT_AS, &addresses) == 0 && addresses.rlim_cur != RLIM_INFINITY)
    lower(limit, addresses.rlim_cur, "the limit of the address space (ulimit -v)");
}

}  // namespace

MemoryLimit machine_memory(const fs::path& root) {
  MemoryLimit limit;
  lower(limit, meminfo_bytes(root, "MemTotal:"), "this machine");
  lower_by_own_groups(limit, root);
  lower_by_slurm(limit);
  lower_by_address_space(limit);
  return limit;
}

std::uint64_t free_memory_bytes() { return meminfo_bytes("/", "MemAvailable:"); }

}  // namespace hypersynth
