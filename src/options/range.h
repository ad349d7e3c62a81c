#pragma once

#include <limits>
#include <string>

namespace hypersynth {

/// The numbers that an option may be. What is not finite is in no range.
class Range {
 public:
  static Range positive() { return {0, kNone, true, true, false}; }
  static Range not_negative() { return {0, kNone, false, true, false}; }
  static Range at_least(double low) { return {low, kNone, false, true, false}; }
  /// low <= x <= high
  static Range closed(double low, double high) { return {low, high, false, false, false}; }
  /// low <= x < high
  static Range below(double low, double high) { return {low, high, false, true, false}; }
  /// low < x <= high
  static Range above(double low, double high) { return {low, high, true, false, false}; }
  /// Whole numbers from low to high.
  static Range whole(double low, double high) { return {low, high, false, false, true}; }

  bool holds(double value) const;
  /// "positive", "not negative", "at least 1", "1 to 8", "[0, 1)".
  std::string words() const;
  /// "must be positive", "must not be negative", "must be at least 1", "must lie in [0, 1)".
  std::string sentence() const;

 private:
  static constexpr double kNone = std::numeric_limits<double>::infinity();

  Range(double low, double high, bool low_open, bool high_open, bool is_whole)
      : low_(low),
        high_(high),
        low_is_open_(low_open),
        high_is_open_(high_open),
        is_whole_(is_whole) {}

  double low_, high_;
  bool low_is_open_, high_is_open_, is_whole_;
};

}  // namespace hypersynth
