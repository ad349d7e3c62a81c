#pragma once

#include <string>

namespace hypersynth {

/// `value` with `decimals` places and narrow spaces between thousands, in no locale; "n/a" for NaN
/// and infinity.
std::string fixed_number(double value, int decimals);

/// `value` with about `digits` significant digits, never in exponent form between 1e-4 and 1e9.
std::string short_number(double value, int digits = 4);

}  // namespace hypersynth
