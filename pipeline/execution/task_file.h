#pragma once

#include <string>

#include "pipeline/cache/work_folder.h"
#include "pipeline/execution/task.h"
#include "pipeline/graph/registry.h"

namespace hypersynth::pipeline {

/// A task as another process reads it.
struct StoredTask {
  fs::path work_dir;
  std::string interface_id;
  std::string interface_version;
  Task task;  ///< without its interface
};

std::string to_json_text(const Task& task, const fs::path& work_dir);

/// Throws std::runtime_error when the text is damaged.
StoredTask task_from_json_text(const std::string& text);

/// A failure as the process that runs the node tells it.
std::string to_json_text(const Failure& failure);
std::optional<Failure> failure_from_json_text(const std::string& text);

}  // namespace hypersynth::pipeline
