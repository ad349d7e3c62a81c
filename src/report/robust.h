#pragma once

#include <vector>

namespace hypersynth {

/// What a box plot shows, and the scale of robust z-scores, of the finite values of a measure.
struct RobustSummary {
  std::size_t count = 0;
  double minimum = 0, quartile1 = 0, median = 0, quartile3 = 0, maximum = 0;
  /// 1.4826 x median absolute deviation, or where more than half of the values are equal 1.2533 x
  /// mean absolute deviation (Iglewicz and Hoaglin 1993); 0 where all are equal.
  double scale = 0;
};

/// Quartiles interpolate linearly between order statistics; all zero for no values.
RobustSummary summarise(std::vector<double> values);

/// (value - median) / scale; NaN where the scale is 0.
double robust_z(double value, const RobustSummary& summary);

}  // namespace hypersynth
