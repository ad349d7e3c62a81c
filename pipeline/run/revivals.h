#pragma once

#include <unordered_map>
#include <vector>

#include "pipeline/graph/graph.h"

namespace hypersynth::pipeline {

/// A node can be done, have its files removed because nobody needed them any more, and then turn
/// out to be needed after all: it is revived, which means that it runs again. This knows which
/// nodes are being revived and which nodes wait for each of them.
class Revivals {
 public:
  bool empty() const { return waiting_for_.empty(); }

  /// The node runs again.
  void begin(NodeId id) { waiting_for_.try_emplace(id); }

  /// `id` waits for `revived`.
  void add(NodeId revived, NodeId id);

  bool is_waiting(NodeId id) const { return sources_.count(id) == 1; }

  /// The revived node has ended; returns the nodes that wait for no other.
  std::vector<NodeId> end(NodeId revived);

 private:
  std::unordered_map<NodeId, std::vector<NodeId>> waiting_for_;  ///< by revived node
  std::unordered_map<NodeId, std::size_t> sources_;  ///< how many revived nodes a node waits for
};

inline void Revivals::add(NodeId revived, NodeId id) {
  waiting_for_[revived].push_back(id);
  ++sources_[id];
}

inline std::vector<NodeId> Revivals::end(NodeId revived) {
  std::vector<NodeId> free;
  const auto waiting = waiting_for_.extract(revived);
  for (const NodeId id : waiting.mapped()) {
    if (--sources_.at(id) > 0) continue;
    sources_.erase(id);
    free.push_back(id);
  }
  return free;
}

}  // namespace hypersynth::pipeline
