#pragma once

#include <string>

namespace hypersynth {

// Numbers as they stand in tables, messages and JSON: with a point, in whichever language the
// machine is set to.

/// The shortest text that reads back as the same number, as JSON has it: "0.1", "1e+30".
std::string exact_number(double value);

/// `value` to `digits` significant digits without trailing zeros, as printf's %g: "0.00123",
/// "1e+09".
std::string significant_digits(double value, int digits);

/// `value` with `decimals` digits after the point, as printf's %f: "12.500".
std::string decimal_places(double value, int decimals);

}  // namespace hypersynth
