#pragma once

#include <chrono>

namespace hypersynth {

/// Measures how long the parts of a step take.
class Laps {
 public:
  /// Seconds since the previous call or, for the first call, since construction.
  double next() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace hypersynth
