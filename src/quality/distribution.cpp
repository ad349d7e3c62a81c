#include "quality/distribution.h"

#include <algorithm>
#include <cmath>

namespace hypersynth {
namespace {

constexpr double kMadOfStandardNormal = 0.6744897501960817;

void add_moments(const std::vector<float>& values, Distribution& distribution) {
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  for (const float value : values) sum += value;
  const double mean = sum / n;
  double second = 0;
  double fourth = 0;
  for (const float value : values) {
    const double square = (value - mean) * (value - mean);
    second += square;
    fourth += square * square;
  }
  distribution.mean = mean;
  distribution.stdv = std::sqrt(second / n);
  if (second > 0) distribution.kurtosis = n * fourth / (second * second) - 3;
}

}  // namespace

double quantile(std::vector<float>& values, double p) {
  if (values.empty()) return Distribution::kNan;
  const double rank = p * static_cast<double>(values.size() - 1);
  const auto lower = values.begin() + static_cast<std::ptrdiff_t>(std::floor(rank));
  std::nth_element(values.begin(), lower, values.end());
  const double fraction = rank - std::floor(rank);
  if (fraction == 0) return *lower;
  const float upper = *std::min_element(lower + 1, values.end());
  return *lower + fraction * (static_cast<double>(upper) - *lower);
}

Distribution describe(std::vector<float> values) {
  Distribution distribution;
  distribution.n = static_cast<std::int64_t>(values.size());
  if (values.empty()) return distribution;
  add_moments(values, distribution);
  distribution.p05 = quantile(values, 0.05);
  distribution.p95 = quantile(values, 0.95);
  distribution.median = quantile(values, 0.5);
  const auto median = static_cast<float>(distribution.median);
  for (float& value : values) value = std::abs(value - median);
  distribution.mad = quantile(values, 0.5) / kMadOfStandardNormal;
  return distribution;
}

Distribution scaled(const Distribution& distribution, double factor) {
  Distribution result = distribution;
  for (double* value :
       {&result.mean, &result.median, &result.p05, &result.p95, &result.mad, &result.stdv}) {
    *value *= factor;
  }
  return result;
}

}  // namespace hypersynth
