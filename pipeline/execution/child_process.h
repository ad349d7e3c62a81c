#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "pipeline/cache/result.h"
#include "pipeline/files/file_descriptor.h"

namespace hypersynth::pipeline {

/// How a child process ended.
struct ChildExit {
  int exit_code = 0;
  int signal = 0;
  bool over_memory = false;  ///< it was ended because it used more than its limit
  bool cancelled = false;
  Usage usage;
};

/// The child processes of one driver. Each leads a process group of its own, which ends with it and
/// with the driver, however that dies.
class ChildProcesses {
 public:
  struct Command {
    std::vector<std::string> arguments;                            ///< the program first
    std::vector<std::pair<std::string, std::string>> environment;  ///< on top of this process's
    fs::path output;                                               ///< file for stdout and stderr
    std::uint64_t memory_bytes = 0;  ///< limit of resident memory; 0: none
  };

  /// Number of the descriptor in the child that reads end-of-file once the driver is gone.
  static constexpr int kWatchDescriptor = 3;

  ChildProcesses();

  /// Runs a child and waits for it; throws std::system_error when it cannot be started.
  ChildExit run(const Command& command);

  /// Measures all children and ends those over their limit.
  void check_memory();

  /// Asks all children to end, or, with `force`, ends them. No new ones start.
  void cancel(bool force);

 private:
  struct Child {
    std::uint64_t limit_bytes = 0;
    std::uint64_t peak_bytes = 0;
    bool over_memory = false;
  };

  pid_t spawn(const Command& command);

  FileDescriptor watch_read_;
  FileDescriptor watch_write_;
  std::mutex mutex_;
  std::map<pid_t, Child> children_;
  bool cancelled_ = false;
};

}  // namespace hypersynth::pipeline
