#pragma once

#include <string>
#include <vector>

#include "pipeline/cache/work_folder.h"
#include "pipeline/execution/task.h"
#include "pipeline/files/clock.h"

namespace hypersynth::pipeline {

/// Writes what is known of a failed attempt as "<name>.txt" for people and "<name>.json" for
/// programs, and, of a node that the program serves, "<name>.task", with which the command given in
/// both runs just this node again.
/// Returns the path of the text; throws std::system_error when it cannot be written.
fs::path write_crash(const WorkFolder& work_folder, const fs::path& folder, const Task& task,
                     const Failure& failure, const std::vector<std::string>& program);

}  // namespace hypersynth::pipeline
