#include "pipeline/graph/resources.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

namespace hypersynth::pipeline {

namespace {

/// How often every GPU stands in a list.
std::map<int, int> shares_of(const std::vector<int>& gpu_ids) {
  std::map<int, int> shares;
  for (const int id : gpu_ids) ++shares[id];
  return shares;
}

/// `count` different GPUs, those that are shared the least at the moment, or fewer where there are
/// no more.
std::vector<int> least_shared(const std::vector<int>& free, int count) {
  const auto shares = shares_of(free);
  std::vector<std::pair<int, int>> by_shares(shares.begin(), shares.end());
  std::stable_sort(by_shares.begin(), by_shares.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<int> ids;
  for (const auto& [id, share] : by_shares) {
    if (static_cast<int>(ids.size()) < count) ids.push_back(id);
  }
  return ids;
}

}  // namespace

ResourcePool::ResourcePool(ResourceLimits limits) : limits_(std::move(limits)) {
  limits_.cpus = std::max(1, limits_.cpus);
  std::sort(limits_.gpu_ids.begin(), limits_.gpu_ids.end());
  free_ = limits_;
}

std::optional<std::string> ResourcePool::refusal(const Resources& needs) const {
  if (limits_.memory_bytes != 0 && needs.memory_bytes > limits_.memory_bytes) {
    return "needs " + display_bytes(needs.memory_bytes) + " of memory, the limit is " +
           display_bytes(limits_.memory_bytes);
  }
  const auto gpus = shares_of(limits_.gpu_ids).size();
  if (needs.gpus > static_cast<int>(gpus)) {
    return "needs " + std::to_string(needs.gpus) + " GPU(s), there are " + std::to_string(gpus);
  }
  return std::nullopt;
}

std::optional<Slots> ResourcePool::take(const Resources& needs) {
  const int cpus = std::clamp(needs.cpus, 1, limits_.cpus);
  const bool memory_fits = limits_.memory_bytes == 0 || needs.memory_bytes <= free_.memory_bytes;
  if (cpus > free_.cpus || !memory_fits) return std::nullopt;
  Slots slots{cpus, needs.memory_bytes, least_shared(free_.gpu_ids, needs.gpus)};
  if (static_cast<int>(slots.gpu_ids.size()) < needs.gpus) return std::nullopt;
  free_.cpus -= cpus;
  if (limits_.memory_bytes != 0) free_.memory_bytes -= needs.memory_bytes;
  for (const int id : slots.gpu_ids)
    free_.gpu_ids.erase(std::find(free_.gpu_ids.begin(), free_.gpu_ids.end(), id));
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
