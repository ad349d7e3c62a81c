#include "pipeline/graph/resources.h"

#include <algorithm>
#include <cstdio>

namespace hypersynth::pipeline {

ResourcePool::ResourcePool(ResourceLimits limits) : limits_(std::move(limits)) {
  limits_.cpus = std::max(1, limits_.cpus);
  free_ = limits_;
}

std::optional<std::string> ResourcePool::refusal(const Resources& needs) const {
  if (limits_.memory_bytes != 0 && needs.memory_bytes > limits_.memory_bytes) {
    return "needs " + display_bytes(needs.memory_bytes) + " of memory, the limit is " +
           display_bytes(limits_.memory_bytes);
  }
  if (needs.gpus > static_cast<int>(limits_.gpu_ids.size())) {
    return "needs " + std::to_string(needs.gpus) + " GPU(s), there are " +
           std::to_string(limits_.gpu_ids.size());
  }
  return std::nullopt;
}

std::optional<Slots> ResourcePool::take(const Resources& needs) {
  const int cpus = std::clamp(needs.cpus, 1, limits_.cpus);
  const bool memory_fits = limits_.memory_bytes == 0 || needs.memory_bytes <= free_.memory_bytes;
  if (cpus > free_.cpus || !memory_fits || needs.gpus > static_cast<int>(free_.gpu_ids.size()))
    return std::nullopt;
  Slots slots{cpus, needs.memory_bytes, {}};
  free_.cpus -= cpus;
  if (limits_.memory_bytes != 0) free_.memory_bytes -= needs.memory_bytes;
  const auto first = free_.gpu_ids.begin();
  slots.gpu_ids.assign(first, first + needs.gpus);
  free_.gpu_ids.erase(first, first + needs.gpus);
  return slots;
}

void ResourcePool::give_back(const Slots& slots) {
  free_.cpus += slots.cpus;
  if (limits_.memory_bytes != 0) free_.memory_bytes += slots.memory_bytes;
  free_.gpu_ids.insert(free_.gpu_ids.end(), slots.gpu_ids.begin(), slots.gpu_ids.end());
  std::sort(free_.gpu_ids.begin(), free_.gpu_ids.end());
}

std::string display_bytes(std::uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1000 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
  return text;
}

}  // namespace hypersynth::pipeline
