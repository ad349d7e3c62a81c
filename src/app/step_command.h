#pragma once

#include <string>
#include <vector>

#include "app/common_options.h"

namespace hypersynth {

/// The words that start a step in a process of its own, up to `--run-node`: this program with
/// `settings`; with --cluster-container Apptainer with the image, which sees the dataset,
/// --derivatives and `inputs` read-only, the output and work folder, each under its own path.
std::vector<std::string> step_command(const CommonOptions& options,
                                      const std::vector<std::string>& settings,
                                      const std::vector<fs::path>& inputs);

/// To be called before anything is written. Throws Error: kInputMissing where the image of
/// --cluster-container or Apptainer is missing, kUsage where the image has another version of this
/// program or a path could not be bound.
void check_cluster_container(const CommonOptions& options);

}  // namespace hypersynth
