#pragma once

#include <string>

namespace hypersynth {

/// `value` with `decimals` digits after the point, the same in every locale. Numbers of five digits
/// or more before the point have narrow spaces between thousands. "n/a" for NaN and infinity.
std::string fixed_number(double value, int decimals);

/// `value` with `digits` significant digits, without trailing zeros; digits before the point are
/// never rounded. Numbers below 1e-4 and from 1e9 on have an exponent. "n/a" for NaN and infinity.
std::string short_number(double value, int digits = 4);

/// An interval, as in "(0.862 to 0.884)"; "(n/a)" where an end is not known.
std::string interval_text(double low, double high, int decimals);

/// `value` and the ends of its interval, as in "0.873 (0.862 to 0.884)"; only the value where there
/// is no interval (`low` is NaN).
std::string with_interval(double value, double low, double high, int decimals);

/// A time, as in "0.42 s", "47 s", "12 min 5 s" and "3 h 20 min". "n/a" if it is not known (NaN) or
/// negative.
std::string duration(double seconds);

/// An amount of memory, as in "412 MiB" and "3.2 GiB". "n/a" if it is not known (NaN) or negative.
std::string memory_size(double bytes);

}  // namespace hypersynth
