#pragma once

#include <string>
#include <vector>

#include "pipeline/cache/result.h"
#include "pipeline/graph/graph.h"

namespace hypersynth::pipeline {

enum class NodeState {
  kWaiting,  ///< for a node it depends on
  kQueued,   ///< for room to run
  kRunning,
  kDone,  ///< it has a result
  kFailed,
  kSkipped,  ///< a node it depends on has no result
  kCancelled,
};

std::string to_string(NodeState state);

inline bool is_settled(NodeState state) { return state >= NodeState::kDone; }

/// Where one node of the graph is.
struct NodeStatus {
  NodeState state = NodeState::kWaiting;
  bool cached = false;
  bool collected = false;                ///< done, but its files were removed
  std::shared_ptr<const Result> result;  ///< of a done node that is not mapped
  std::string error;                     ///< of a node that failed, was skipped or cancelled
  std::vector<NodeId> elements;          ///< of a mapped node, once its list is known
  bool expanded = false;
  bool reviving = false;      ///< it runs again because its files were removed and are needed
  std::uint32_t pending = 0;  ///< dependencies that are not settled
};

/// Works out the inputs of nodes from what is settled.
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
