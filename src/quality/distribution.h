#pragma once

#include <cstdint>
#include <limits>
#include <vector>

// Not itk::LabelStatisticsImageFilter, which has no median absolute deviation and no kurtosis, and
// whose median is that of a histogram's bins; MRIQC's percentiles are exact.
namespace hypersynth {

/// What MRIQC summarises of the intensities of a tissue; all NaN where there are none.
struct Distribution {
  static constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

  double mean = kNan;
  double median = kNan;
  double p05 = kNan;  ///< percentiles with linear interpolation
  double p95 = kNan;
  double mad = kNan;   ///< median absolute deviation / 0.6745: the stdv of a normal distribution
  double stdv = kNan;  ///< of the population (divided by n)
  double kurtosis = kNan;  ///< excess; NaN where stdv is 0
  std::int64_t n = 0;
};

/// Describes finite values; takes them because it needs them as scratch.
Distribution describe(std::vector<float> values);

/// The same distribution with every intensity multiplied by `factor` > 0.
Distribution scaled(const Distribution& distribution, double factor);

}  // namespace hypersynth
