#pragma once

#include <string>
#include <vector>

#include "pipeline/cache/result.h"
#include "pipeline/graph/graph.h"

namespace hypersynth::pipeline {

/// Where a node is on its way. Every node begins as waiting and ends in one of the last four
/// states; a result that stands takes it from waiting to done directly. A node that is tried again
/// goes back from running to queued, and one whose files were removed too early from done to
/// waiting.
enum class NodeState {
  kWaiting,    ///< a node that it depends on has not ended, or its cache key is not known yet
  kQueued,     ///< it has to run, and waits until there is room for it
  kRunning,    ///< the executor has it
  kDone,       ///< it has a result, made now or by an earlier run
  kFailed,     ///< it ended without a result, for a reason of its own
  kSkipped,    ///< it cannot run because a node that it depends on has no result
  kCancelled,  ///< the run was ended before this node had ended
};

std::string to_string(NodeState state);

/// Whether the node has ended, in whichever way.
inline bool is_settled(NodeState state) { return state >= NodeState::kDone; }

/// What is known of one node of the graph during a run.
struct NodeStatus {
  NodeState state = NodeState::kWaiting;
  bool cached = false;                   ///< done with a result that an earlier run made
  bool collected = false;                ///< done, but its files were removed since
  std::shared_ptr<const Result> result;  ///< of a done node that is not mapped
  std::string error;                     ///< of a node that failed, was skipped or cancelled
  std::vector<NodeId> elements;          ///< of a mapped node, once its list is known
  bool expanded = false;                 ///< its elements are part of the graph
  bool reviving = false;      ///< it runs again because its files were removed and are needed
  std::uint32_t pending = 0;  ///< dependencies that are not settled
};

/// Works out the inputs of a node from the results of the nodes that it depends on.
class Resolver {
 public:
  Resolver(const Graph& graph, const std::vector<NodeStatus>& states)
      : graph_(graph), states_(states) {}

  /// A node without a result that `id` cannot do without.
  std::optional<NodeId> blocker(NodeId id) const;

  /// The inputs, when there is no blocker and all dependencies are settled.
  Values inputs(NodeId id) const;

  /// The lists that a mapped node runs over.
  std::vector<PortList> lists(NodeId id) const;

 private:
  Value value(const Source& source) const;
  Value value(NodeId id, std::uint32_t port, Tolerance tolerance) const;

  const Graph& graph_;
  const std::vector<NodeStatus>& states_;
};

}  // namespace hypersynth::pipeline
