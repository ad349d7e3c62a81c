#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/cache/node_states.h"
#include "pipeline/run/reporter.h"
#include "pipeline/run/run.h"

namespace hypersynth::pipeline {

/// Where each node of a run is and what became of it. It follows the graph: a node is ready to be
/// considered once everything that it depends on is settled, however that ended.
class NodeTable {
 public:
  NodeTable(Graph graph, Reporter& reporter);

  const Graph& graph() const { return graph_; }
  const std::vector<NodeStatus>& states() const { return states_; }
  NodeStatus& state(NodeId id) { return states_[id]; }
  NodeReport& report(NodeId id) { return reports_[id]; }
  Resolver resolver() const { return {graph_, states_}; }

  /// Makes the nodes ready that depend on no other.
  void begin();

  /// The next node to be considered, which is ready no more; nothing when there is none.
  std::optional<NodeId> take_ready();
  void make_ready(NodeId id) { ready_.push_back(id); }
  bool any_ready() const { return !ready_.empty(); }

  /// Adds the elements of a mapped node, whose lists are known now. Throws WorkflowError when their
  /// lengths differ.
  void expand(NodeId mapped);

  /// The node ends in `state`; tells the observer, with the failure where there was one, and lets
  /// those go on that depend on it.
  void settle(NodeId id, NodeState state, const Failure* failure = nullptr);

  /// Nodes that were not started and never will be are cancelled, for this reason.
  void cancel_rest(const std::string& reason);

  /// One report per node; elements in the place of the mapped node that they belong to.
  std::vector<NodeReport> take_reports();

 private:
  Graph graph_;
  Reporter& reporter_;
  std::vector<NodeStatus> states_;
  std::vector<NodeReport> reports_;
  std::deque<NodeId> ready_;
};

}  // namespace hypersynth::pipeline
