#include "core/quantile.h"

#include <algorithm>
#include <stdexcept>

namespace hypersynth {

double quantile_of_sorted(const std::vector<double>& sorted, double fraction) {
  if (sorted.empty()) throw std::invalid_argument("a quantile needs at least one value");
  const double at = fraction * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

}  // namespace hypersynth
