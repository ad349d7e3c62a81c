#pragma once

#include <vector>

namespace hypersynth {

/// The quantile at `fraction` (0 to 1) of values that are sorted, interpolated linearly between the
/// two nearest ones (definition 7 of Hyndman and Fan 1996, NumPy's default). Throws
/// std::invalid_argument if there are no values.
double quantile_of_sorted(const std::vector<double>& sorted, double fraction);

}  // namespace hypersynth
