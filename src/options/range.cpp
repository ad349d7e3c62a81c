#include "options/range.h"

#include <cmath>

#include "options/option_value.h"

namespace hypersynth {

bool Range::holds(double value) const {
  if (!std::isfinite(value)) return false;
  return (low_is_open_ ? value > low_ : value >= low_) &&
         (high_is_open_ ? value < high_ : value <= high_);
}

std::string Range::words() const {
  const auto low = OptionValue<double>::text(low_);
  const auto high = OptionValue<double>::text(high_);
  if (high_ == kNone && low_ == 0) return low_is_open_ ? "positive" : "not negative";
  if (high_ == kNone) return "at least " + low;
  if (is_whole_) return low + " to " + high;
  return (low_is_open_ ? "(" : "[") + low + ", " + high + (high_is_open_ ? ")" : "]");
}

std::string Range::sentence() const {
  const auto range = words();
  if (range == "not negative") return "must not be negative";
  return (high_ == kNone ? "must be " : "must lie in ") + range;
}

}  // namespace hypersynth
