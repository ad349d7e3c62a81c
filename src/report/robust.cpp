#include "report/robust.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hypersynth {
namespace {

double quantile(const std::vector<double>& sorted, double fraction) {
  const double at = fraction * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

double robust_scale(const std::vector<double>& values, double median) {
  std::vector<double> deviations;
  double sum = 0;
  for (const double value : values) {
    deviations.push_back(std::abs(value - median));
    sum += deviations.back();
  }
  std::sort(deviations.begin(), deviations.end());
  const double mad = quantile(deviations, 0.5);
  return mad > 0 ? 1.4826 * mad : 1.2533 * sum / static_cast<double>(values.size());
}

}  // namespace

RobustSummary summarise(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  RobustSummary summary;
  if (values.empty()) return summary;
  std::sort(values.begin(), values.end());
  summary.count = values.size();
  summary.minimum = values.front();
  summary.quartile1 = quantile(values, 0.25);
  summary.median = quantile(values, 0.5);
  summary.quartile3 = quantile(values, 0.75);
  summary.maximum = values.back();
  summary.scale = robust_scale(values, summary.median);
  return summary;
}

double robust_z(double value, const RobustSummary& summary) {
  if (summary.scale == 0) return std::numeric_limits<double>::quiet_NaN();
  return (value - summary.median) / summary.scale;
}

}  // namespace hypersynth
