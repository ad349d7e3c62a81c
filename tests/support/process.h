#pragma once

#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

#include "support/temporary_dir.h"

namespace hypersynth {

/// How a child process ended and what it printed.
struct ProcessResult {
  int exit_code = -1;  // -1 where a signal ended it
  int signal = 0;      // 0 where it exited by itself
  std::string out;
  std::string err;
};

/// A child process with its output kept apart; standard input is empty.
class Process {
 public:
  /// Starts `command` (program path first) with `environment` added to this process's own; throws
  /// std::system_error where it can't be started.
  explicit Process(const std::vector<std::string>& command,
                   const std::map<std::string, std::string>& environment = {});
  /// Kills the child where it still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void send(int signal) const;
  bool running();
  /// Blocks until the child has ended.
  ProcessResult wait();

 private:
  void reap(int flags);

  TemporaryDir streams_;
  pid_t pid_ = 0;
  bool ended_ = false;
  int status_ = 0;
};

/// Runs `command` to its end.
ProcessResult run_process(const std::vector<std::string>& command,
                          const std::map<std::string, std::string>& environment = {});

/// All bytes of a file; empty where it does not exist.
std::string read_text(const std::string& path);

}  // namespace hypersynth
