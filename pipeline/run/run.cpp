#include "pipeline/run/run.h"

#include <algorithm>

#include <boost/filesystem/operations.hpp>

#include "pipeline/run/scheduler.h"
#include "pipeline/slurm/slurm_commands.h"

namespace hypersynth::pipeline {

std::string to_string(Cause cause) {
  switch (cause) {
    case Cause::kException:
      return "error";
    case Cause::kExit:
      return "exit";
    case Cause::kSignal:
      return "signal";
    case Cause::kMemory:
      return "memory";
    case Cause::kDiskFull:
      return "disk full";
    case Cause::kLost:
      return "lost";
    case Cause::kRefused:
      return "refused";
    case Cause::kInput:
      return "input";
    case Cause::kCancelled:
      return "cancelled";
    case Cause::kTimeLimit:
      return "time limit";
  }
  return "";
}

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

namespace {

void check_slurm(const SlurmOptions& options) {
  std::string problems;
  for (const auto& violation : options.check()) problems += "\nSLURM: " + violation;
  for (const auto& program : missing_slurm_commands())
    problems += "\nSLURM: expected the command " + program + " in PATH, found none";
  if (!problems.empty()) throw SlurmError(problems.substr(1));
}

}  // namespace

RunReport run(const Workflow& workflow, const RunOptions& options) {
  if (options.slurm) check_slurm(*options.slurm);
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
