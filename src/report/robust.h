#pragma once

#include <vector>

namespace hypersynth {

/// A summary of the finite values of a measure: what a box plot shows, and the scale of robust
/// z-scores.
struct RobustSummary {
  std::size_t count = 0;
  double minimum = 0, quartile1 = 0, median = 0, quartile3 = 0, maximum = 0;
  /// 1.4826 times the median absolute deviation. This is 0 if more than half of the values are
  /// equal; the scale is then 1.2533 times the mean absolute deviation (Iglewicz and Hoaglin 1993),
  /// which is 0 only if all values are equal.
  double scale = 0;
  double mad = 0;  ///< the median absolute deviation itself
};

/// Summarises the finite ones of `values`. Quartiles are interpolated linearly between the sorted
/// values. All fields are 0 if there is no finite value.
RobustSummary summarise(std::vector<double> values);

/// The robust z-score of `value`: (value - median) / scale; NaN if the scale is 0.
double robust_z(double value, const RobustSummary& summary);

}  // namespace hypersynth
