#pragma once

#include <string>

namespace hypersynth {

// Numbers as text for tables, messages and JSON. The decimal point is always a point, in whichever
// language the machine is set to.

/// The shortest text that reads back as exactly the same number: "0.1", "1e+30".
std::string exact_number(double value);

/// `value` rounded to `digits` significant digits, without trailing zeros, as printf writes %g:
/// "0.00123", "1e+09".
std::string significant_digits(double value, int digits);

/// `value` with `decimals` digits after the point, as printf writes %f: "12.500".
std::string decimal_places(double value, int decimals);

}  // namespace hypersynth
