#pragma once

#include <string>

namespace hypersynth {

/// `value` with `decimals` places and narrow spaces between thousands, in no locale; "n/a" for NaN
/// and infinity.
std::string fixed_number(double value, int decimals);

/// `value` to `digits` significant digits without trailing zeros, in exponent form only below 1e-4
/// and from 1e9.
std::string short_number(double value, int digits = 4);

}  // namespace hypersynth
