#include "engine/data/undrawn_labels.h"

#include <algorithm>
#include <set>

#include "core/quantile.h"

namespace hypersynth {
namespace {

using Volumes = std::map<std::int32_t, double>;

double median_of(const std::vector<Volumes>& maps, std::int32_t label) {
  std::vector<double> values;
  for (const auto& map : maps) {
    const auto found = map.find(label);
    values.push_back(found == map.end() ? 0 : found->second);
  }
  std::sort(values.begin(), values.end());
  return quantile_of_sorted(values, 0.5);
}

}  // namespace

std::vector<UndrawnLabel> undrawn_labels(const std::vector<Volumes>& references_mm3,
                                         const std::vector<Volumes>& expected_mm3) {
  std::vector<UndrawnLabel> undrawn;
  if (references_mm3.empty() || expected_mm3.empty()) return undrawn;
  std::set<std::int32_t> labels;
  for (const auto& map : expected_mm3) {
    for (const auto& [label, volume] : map) labels.insert(label);
  }
  for (const auto label : labels) {
    const UndrawnLabel candidate{label, median_of(references_mm3, label),
                                 median_of(expected_mm3, label)};
    // Not fulfilled where both are 0.
    if (candidate.reference_mm3 < kLeastShare * candidate.expected_mm3)
      undrawn.push_back(candidate);
  }
  return undrawn;
}

}  // namespace hypersynth
