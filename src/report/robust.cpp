#include "report/robust.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/quantile.h"

namespace hypersynth {
namespace {

void set_scale(const std::vector<double>& values, RobustSummary& summary) {
  std::vector<double> deviations;
  double sum = 0;
  for (const double value : values) {
    deviations.push_back(std::abs(value - summary.median));
    sum += deviations.back();
  }
  std::sort(deviations.begin(), deviations.end());
  summary.mad = quantile_of_sorted(deviations, 0.5);
  summary.scale =
      summary.mad > 0 ? 1.4826 * summary.mad : 1.2533 * sum / static_cast<double>(values.size());
}

}  // namespace

RobustSummary summarise(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  RobustSummary summary;
  if (values.empty()) return summary;
  std::sort(values.begin(), values.end());
  summary.count = values.size();
  summary.minimum = values.front();
  summary.quartile1 = quantile_of_sorted(values, 0.25);
  summary.median = quantile_of_sorted(values, 0.5);
  summary.quartile3 = quantile_of_sorted(values, 0.75);
  summary.maximum = values.back();
  set_scale(values, summary);
  return summary;
}

double robust_z(double value, const RobustSummary& summary) {
  if (summary.scale == 0) return std::numeric_limits<double>::quiet_NaN();
  return (value - summary.median) / summary.scale;
}

}  // namespace hypersynth
