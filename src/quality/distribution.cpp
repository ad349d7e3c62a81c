#include "quality/distribution.h"

#include <cmath>

#include "quality/ranked_values.h"

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

Distribution describe(std::vector<float> values) {
  Distribution distribution;
  distribution.n = static_cast<std::int64_t>(values.size());
  if (values.empty()) return distribution;
  add_moments(values, distribution);
  const RankedValues ranked(values);
  distribution.p05 = ranked.quantile(0.05);
  distribution.median = ranked.quantile(0.5);
  distribution.p95 = ranked.quantile(0.95);
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
