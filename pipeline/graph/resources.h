#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hypersynth::pipeline {

/// What one node needs while it runs.
struct Resources {
  int cpus = 1;                    ///< threads it may use; cut to the pool's where that is less
  std::uint64_t memory_bytes = 0;  ///< peak resident memory; 0: not known, not limited
  int gpus = 0;                    ///< whole GPUs

  bool operator==(const Resources&) const = default;
};

/// What all running nodes share. 0 bytes of memory: not limited.
struct ResourceLimits {
  int cpus = 1;
  std::uint64_t memory_bytes = 0;
  std::vector<int> gpu_ids;
};

/// What a running node holds of the pool.
struct Slots {
  int cpus = 1;
  std::uint64_t memory_bytes = 0;
  std::vector<int> gpu_ids;
};

/// Hands out CPU, memory and GPU slots.
class ResourcePool {
 public:
  explicit ResourcePool(ResourceLimits limits);

  /// Why no node with these needs can ever run here, or nothing.
  std::optional<std::string> refusal(const Resources& needs) const;

  /// The slots, or nothing while others hold them.
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
