#pragma once

#include <string>

namespace hypersynth {

/// `value` with `decimals` digits after the point, the same in every locale. Numbers of five digits
/// or more before the point have narrow spaces between thousands. "n/a" for NaN and infinity.
std::string fixed_number(double value, int decimals);

/// `value` with `digits` significant digits, without trailing zeros; digits before the point are
/// never rounded. Numbers below 1e-4 and from 1e9 on have an exponent. "n/a" for NaN and infinity.
std::string short_number(double value, int digits = 4);

}  // namespace hypersynth
