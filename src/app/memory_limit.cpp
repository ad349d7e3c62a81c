#include "app/memory_limit.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

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

/// The limits of the group called `group` and of those above it, below the folder `groups`. In a
/// container the name may be that of the machine outside, whose own folder is then `groups` itself.
void lower_by_groups(MemoryLimit& limit, const fs::path& groups, fs::path group, const char* file) {
  while (true) {
    const fs::path folder = groups / group.relative_path();
    lower(limit, number_in(folder / file), "the control group " + folder.string());
    if (group.relative_path().empty()) return;
    group = group.parent_path();
  }
}

void lower_by_own_groups(MemoryLimit& limit, const fs::path& root) {
  const fs::path mount = root / "sys/fs/cgroup";
  std::ifstream own((root / "proc/self/cgroup").string());
  // "0::/a/b" is a group of version 2, "4:memory,cpu:/a/b" one of version 1.
  for (std::string line; std::getline(own, line);) {
    std::istringstream parts(line);
    std::string number, controllers, group;
    if (!std::getline(parts, number, ':') || !std::getline(parts, controllers, ':') ||
        !std::getline(parts, group))
      continue;
    if (controllers.empty()) {
      lower_by_groups(limit, mount, group, "memory.max");
      lower_by_groups(limit, mount / "unified", group, "memory.max");
    } else if (("," + controllers + ",").find(",memory,") != std::string::npos) {
      lower_by_groups(limit, mount / "memory", group, "memory.limit_in_bytes");
    }
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

}  // namespace

MemoryLimit machine_memory(const fs::path& root) {
  MemoryLimit limit;
  lower(limit, meminfo_bytes(root, "MemTotal:"), "this machine");
  lower_by_own_groups(limit, root);
  lower_by_slurm(limit);
  return limit;
}

std::uint64_t free_memory_bytes() { return meminfo_bytes("/", "MemAvailable:"); }

}  // namespace hypersynth
