#pragma once

#include <string>
#include <vector>

#include "pipeline/execution/child_process.h"

namespace hypersynth::pipeline {

/// What came of a command.
struct CommandResult {
  int exit_code = 0;
  std::string output;  ///< stdout and stderr
  bool ok() const { return exit_code == 0; }
};

/// Runs a command as a child of `children` and waits for its end. One that cannot be started has
/// the exit code 127, one that a signal ended 128 and the signal's number. Throws std::system_error
/// where there is no memory for its output.
CommandResult run_command(ChildProcesses& children, const std::vector<std::string>& arguments);

/// Whether a folder of PATH has this program.
bool is_in_path(const std::string& program);

}  // namespace hypersynth::pipeline
