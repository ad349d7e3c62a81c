#pragma once

#include <filesystem>
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

/// Temporary files below an output folder: all hidden names but .bidsignore.
inline std::vector<std::string> temporary_files(const std::string& output_folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(output_folder)) {
    const std::string name = entry.path().filename().string();
    if (name.front() == '.' && name != ".bidsignore") found.push_back(entry.path().string());
  }
  return found;
}

}  // namespace hypersynth
