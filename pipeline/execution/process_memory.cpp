#include "pipeline/execution/process_memory.h"

#include <cstdlib>
#include <fstream>
#include <string>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>

namespace hypersynth::pipeline {

namespace fs = boost::filesystem;

std::uint64_t tree_resident_bytes(pid_t pid) {
  static const auto kPage_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::string folder = "/proc/" + std::to_string(pid);
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  std::ifstream(folder + "/statm") >> total_pages >> resident_pages;
  std::uint64_t bytes = resident_pages * kPage_bytes;
  boost::system::error_code gone;
  for (fs::directory_iterator thread(folder + "/task", gone), end; !gone && thread != end;
       thread.increment(gone)) {
    std::ifstream children((thread->path() / "children").string());
    for (pid_t child = 0; children >> child;) bytes += tree_resident_bytes(child);
  }
  return bytes;
}

std::uint64_t own_peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::strtoull(line.c_str() + 6, nullptr, 10) * 1024;
  }
  return 0;
}

}  // namespace hypersynth::pipeline
