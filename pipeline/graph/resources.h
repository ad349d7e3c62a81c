#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hypersynth::pipeline {

/// What one node needs while it runs. The defaults are those of a node that says nothing about
/// itself: one thread, and memory that is neither reserved nor limited.
struct Resources {
  int cpus = 1;                    ///< threads it may use; cut to the limit where that is less
  std::uint64_t memory_bytes = 0;  ///< peak resident memory; 0: not known, not limited
  int gpus = 0;                    ///< different GPUs; see ResourceLimits::gpu_ids

  bool operator==(const Resources&) const = default;
};

/// What all nodes that run at the same time may use together.
struct ResourceLimits {
  int cpus = 1;  ///< one, since a library cannot know how much of the machine it may take
  std::uint64_t memory_bytes = 0;  ///< 0: not limited
  /// None: nodes that need a GPU are refused. A GPU that stands here n times is shared by up to n
  /// nodes at a time.
  std::vector<int> gpu_ids;
};

/// The part of the limits that one running node holds until it ends.
struct Slots {
  int cpus = 1;
  std::uint64_t memory_bytes = 0;
  std::vector<int> gpu_ids;
};

/// Hands out the threads, memory and GPUs that the limits allow, and takes them back.
class ResourcePool {
 public:
  explicit ResourcePool(ResourceLimits limits);

  /// Why no node with these needs can ever run here, or nothing.
  std::optional<std::string> refusal(const Resources& needs) const;

  /// What the node may use, or nothing while other nodes hold too much of it.
  std::optional<Slots> take(const Resources& needs);
  void give_back(const Slots& slots);

  const ResourceLimits& limits() const { return limits_; }
  const ResourceLimits& free() const { return free_; }

 private:
  ResourceLimits limits_;
  ResourceLimits free_;
};

/// "1.5 GB".
std::string display_bytes(std::uint64_t bytes);

}  // namespace hypersynth::pipeline
