#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace hypersynth {

/// Mean and scatter of a noisy gradient over its last hundred or so draws: element by element, each
/// draw weighted by decay^age. Tells a slope from a random walk.
struct GradientStatistics {
  static constexpr double kDecay = 0.99;

  std::int64_t draws = 0;
  at::Tensor mean_sum, square_sum;  // weighted sums; undefined before the first draw

  void add(const at::Tensor& gradient);
  /// |mean| / standard deviation of one draw; 0 before the second draw.
  at::Tensor signal_to_noise() const;
};

}  // namespace hypersynth
