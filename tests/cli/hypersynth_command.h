#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/process.h"

namespace hypersynth {

/// The command line `hypersynth ARGUMENT...` of the program that was built.
inline std::vector<std::string> hypersynth_command(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), HYPERSYNTH_PROGRAM);
  return arguments;
}

/// Runs `hypersynth ARGUMENT...` to its end.
inline ProcessResult hypersynth_run(std::vector<std::string> arguments,
                                    const std::map<std::string, std::string>& environment = {}) {
  return run_process(hypersynth_command(std::move(arguments)), environment);
}

}  // namespace hypersynth
