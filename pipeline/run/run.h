#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "pipeline/batch/batch_options.h"
#include "pipeline/cache/node_states.h"
#include "pipeline/cache/plan.h"
#include "pipeline/execution/task.h"
#include "pipeline/graph/workflow.h"
#include "pipeline/run/observer.h"

namespace hypersynth::pipeline {

/// How a workflow is run; none of this changes its results.
struct RunOptions {
  fs::path work_dir;      ///< where results live between runs, see WorkFolder
  ResourceLimits limits;  ///< what all nodes on this machine may use together

  /// Reads every output of earlier runs and compares its bytes. Off, since sizes and times tell of
  /// all changes that do not hide, and reading everything may take longer than the run.
  bool verify = false;

  /// Starts nothing more once a node failed. Off, since other nodes seldom fail for the same
  /// reason.
  bool stop_on_first_crash = false;

  std::vector<std::string> program;  ///< a command that serves `--run-node`; empty: this program
  fs::path crash_dir;                ///< where failures are described; empty: in the work folder

  /// Removes files of results that no node needs any more. Off, since the next run would need them
  /// if anything changed.
  bool clean_workdir = false;

  /// Puts results on the disk for good before `run` returns, so that a power cut does not lose
  /// them.
  bool sync = true;

  std::stop_token stop;                     ///< cancels the run
  Observer* observer = nullptr;             ///< told of everything that happens, where there is one
  const FileSystem* file_system = nullptr;  ///< the real one when null

  /// Where set, nodes in processes of their own become jobs of this machine's cluster, and `limits`
  /// are those of the driver alone.
  std::optional<BatchOptions> cluster;
};

/// What became of one node.
struct NodeReport {
  std::string node;
  std::string interface;
  NodeState state = NodeState::kWaiting;
  bool cached = false;               ///< its result is that of an earlier run
  std::vector<std::string> reasons;  ///< why it had to run
  std::optional<Cause> cause;        ///< of a node that failed
  std::string message;
  std::optional<InputFindings> input;  ///< of a node that failed because a file is unusable
  fs::path crash_file;
  Usage usage;
  std::shared_ptr<const Result> result;  ///< of a node that has one
};

/// What became of a run.
struct RunReport {
  std::vector<NodeReport> nodes;
  bool cancelled = false;
  bool disk_full = false;  ///< nothing more can be written: full, over a quota, read-only or broken
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
/// WorkflowError for a wrong workflow, ClusterError where the cluster cannot be used, ForeignFolder
/// and std::system_error when the work folder cannot be had.
RunReport run(const Workflow& workflow, const RunOptions& options);

/// What `run` would do, without doing or writing anything.
Plan plan(const Workflow& workflow, const RunOptions& options);

}  // namespace hypersynth::pipeline
