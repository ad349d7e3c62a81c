#include "pipeline/run/run.h"

#include <algorithm>

#include <boost/filesystem/operations.hpp>

#include "pipeline/batch/batch_executor.h"
#include "pipeline/run/scheduler.h"

namespace hypersynth::pipeline {

bool RunReport::ok() const { return count(NodeState::kDone) == nodes.size(); }

std::size_t RunReport::count(NodeState state) const {
  return static_cast<std::size_t>(std::count_if(
      nodes.begin(), nodes.end(), [&](const auto& node) { return node.state == state; }));
}

std::size_t RunReport::executed() const {
  return static_cast<std::size_t>(std::count_if(nodes.begin(), nodes.end(), [](const auto& node) {
    return node.state == NodeState::kDone && !node.cached;
  }));
}

const NodeReport* RunReport::find(const std::string& node) const {
  for (const auto& report : nodes) {
    if (report.node == node) return &report;
  }
  return nullptr;
}

RunReport run(const Workflow& workflow, const RunOptions& options) {
  if (options.cluster) check_cluster(*options.cluster);
  return Scheduler(Graph(workflow), options).run();
}

Plan plan(const Workflow& workflow, const RunOptions& options) {
  const FileSystem& file_system =
      options.file_system != nullptr ? *options.file_system : real_file_system();
  const fs::path root = fs::absolute(options.work_dir).lexically_normal();
  const History history = RunLog::load(root / "log", root / "nodes", file_system);
  return make_plan(Graph(workflow), history, file_system, options.verify);
}

}  // namespace hypersynth::pipeline
