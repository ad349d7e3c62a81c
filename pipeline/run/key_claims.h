#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "pipeline/cache/work_folder.h"
#include "pipeline/execution/event_loop.h"
#include "pipeline/graph/graph.h"

namespace hypersynth::pipeline {

/// Sees to it that each result is made by one node at a time: not by two nodes of this run whose
/// cache keys are equal, and not by this run while another driver of the same work folder is at it.
class KeyClaims {
 public:
  /// `again` is called with every node that had to wait and may try again.
  KeyClaims(const WorkFolder& work_folder, EventLoop& loop, std::function<void(NodeId)> again)
      : work_folder_(work_folder), loop_(loop), again_(std::move(again)) {}

  /// Whether the node may make the result of `key` now; where not, it waits until it may try again.
  /// Throws std::system_error where the work folder cannot be locked.
  bool take(NodeId id, const Digest& key);

  /// No node is at this key any more.
  void give_back(const Digest& key);

  /// Whether nodes wait for another driver, which says nothing when it is done.
  bool waits_for_others() const { return !foreign_.empty(); }

 private:
  void retry_foreign();

  const WorkFolder& work_folder_;
  EventLoop& loop_;
  std::function<void(NodeId)> again_;
  std::unordered_map<Digest, std::vector<NodeId>> taken_;  ///< which nodes wait for each key
  std::vector<NodeId> foreign_;
};

}  // namespace hypersynth::pipeline
