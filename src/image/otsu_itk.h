#pragma once

#include <span>

namespace hypersynth {

/// Otsu's threshold (1979, doi:10.1109/TSMC.1979.4310076) of values from 0 to `top` (larger ones
/// count as `top`), from a histogram of 256 bins: the upper edge of the darker class, in the unit
/// of the values. The values are finite and not negative, `top` is above 0. Throws Error kInternal
/// where ITK fails.
double otsu_threshold(std::span<const float> values, double top);

}  // namespace hypersynth
