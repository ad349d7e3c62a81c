#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "pipeline/cache/node_states.h"
#include "pipeline/cache/plan.h"
#include "pipeline/execution/task.h"
#include "pipeline/graph/workflow.h"
#include "pipeline/run/observer.h"
#include "pipeline/slurm/slurm_options.h"

namespace hypersynth::pipeline {

struct RunOptions {
  fs::path work_dir;
  ResourceLimits limits;
  bool verify = false;               ///< read every cached output and compare
  bool stop_on_first_crash = false;  ///< start nothing more once a node failed
  std::vector<std::string> program;  ///< serves `--run-node`; empty: this program
  fs::path crash_dir;                ///< default: "crashes" in the work folder
  bool clean_workdir = false;        ///< remove files of results that no node needs any more
  bool sync = true;                  ///< put results on the disk before `run` returns
  std::stop_token stop;              ///< cancels the run
  Observer* observer = nullptr;
  const FileSystem* file_system = nullptr;  ///< the real one when null

  /// Where set, nodes in processes of their own become jobs of this machine's SLURM cluster, and
  /// `limits` are those of the driver alone.
  std::optional<SlurmOptions> slurm;
};

/// What became of one node.
struct NodeReport {
  std::string node;
  std::string interface;
  NodeState state = NodeState::kWaiting;
  bool cached = false;
  std::vector<std::string> reasons;  ///< why it had to run
  std::optional<Cause> cause;        ///< of a node that failed
  std::string message;
  fs::path crash_file;
  Usage usage;
  std::shared_ptr<const Result> result;  ///< of a node that has one
};

/// What became of a run.
struct RunReport {
  std::vector<NodeReport> nodes;
  bool cancelled = false;
  bool disk_full = false;  ///< or over its quota, read-only, broken: nothing more can be written
  std::vector<std::string> warnings;

  /// Whether every node has a result.
  bool ok() const;
  std::size_t count(NodeState state) const;
  std::size_t executed() const;
  const NodeReport* find(const std::string& node) const;

  /// The outputs of a node of interface `I`, or nothing when it has no result.
  template <Interface I>
  std::optional<typename I::Outputs> outputs(const std::string& node) const {
    const NodeReport* report = find(node);
    if (report == nullptr || !report->result) return std::nullopt;
    return from_values<typename I::Outputs>(report->result->outputs, I::outputs);
  }
};

/// Runs what is stale of a workflow, in parallel. Failures of nodes are in the report; throws
/// WorkflowError for a wrong workflow, SlurmError where the cluster cannot be used,
/// std::system_error when the work folder cannot be made.
RunReport run(const Workflow& workflow, const RunOptions& options);

/// What `run` would do, without doing or writing anything.
Plan plan(const Workflow& workflow, const RunOptions& options);

}  // namespace hypersynth::pipeline
