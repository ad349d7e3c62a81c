#pragma once

#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <tuple>
#include <vector>

#include "pipeline/graph/graph.h"

namespace hypersynth::pipeline {

/// Nodes that could run as soon as there is room for them. Those nearest to an end of the graph
/// come first, so that what was begun is finished before more is begun, and few intermediate files
/// exist at a time. Where the first does not fit, a later one that does overtakes it.
class ReadyQueue {
 public:
  void push(NodeId id, std::uint32_t height, Placement placement, const Resources& needs);

  /// Takes the first node for which `fits(placement, needs)`; a node that others overtook many
  /// times holds the rest back until there is room for it.
  template <class Fits>
  std::optional<NodeId> pop(const Fits& fits);

  bool empty() const { return size_ == 0; }

 private:
  /// Small nodes fill gaps meanwhile, but cannot keep a large one waiting for ever.
  static constexpr int kMostOvertakings = 64;
  using Entry = std::pair<std::uint32_t, NodeId>;
  struct Bucket {
    Placement placement = Placement::kThread;
    Resources needs;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> entries;
    int overtaken = 0;
  };
  using Key = std::tuple<Placement, int, std::uint64_t, int>;

  std::map<Key, Bucket> buckets_;
  std::size_t size_ = 0;
};

inline void ReadyQueue::push(NodeId id, std::uint32_t height, Placement placement,
                             const Resources& needs) {
  Bucket& bucket = buckets_[{placement, needs.cpus, needs.memory_bytes, needs.gpus}];
  bucket.placement = placement;
  bucket.needs = needs;
  bucket.entries.emplace(height, id);
  ++size_;
}

template <class Fits>
std::optional<NodeId> ReadyQueue::pop(const Fits& fits) {
  std::vector<Bucket*> candidates;
  for (auto& [key, bucket] : buckets_) {
    if (!bucket.entries.empty()) candidates.push_back(&bucket);
  }
  std::sort(candidates.begin(), candidates.end(),
            [](const Bucket* a, const Bucket* b) { return a->entries.top() < b->entries.top(); });
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    Bucket& bucket = *candidates[i];
    if (!fits(bucket.placement, bucket.needs)) {
      if (bucket.overtaken >= kMostOvertakings) return std::nullopt;
      continue;
    }
    for (std::size_t before = 0; before < i; ++before) ++candidates[before]->overtaken;
    bucket.overtaken = 0;
    const NodeId id = bucket.entries.top().second;
    bucket.entries.pop();
    --size_;
    return id;
  }
  return std::nullopt;
}

}  // namespace hypersynth::pipeline
