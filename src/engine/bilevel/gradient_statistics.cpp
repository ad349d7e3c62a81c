#include "engine/bilevel/gradient_statistics.h"

#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>

namespace hypersynth {

void GradientStatistics::add(const at::Tensor& gradient) {
  if (!mean_sum.defined()) {
    mean_sum = at::zeros_like(gradient);
    square_sum = at::zeros_like(gradient);
  }
  ++draws;
  mean_sum = mean_sum * kDecay + gradient * (1 - kDecay);
  square_sum = square_sum * kDecay + gradient.square() * (1 - kDecay);
}

at::Tensor GradientStatistics::signal_to_noise() const {
  const double weight = 1 - std::pow(kDecay, static_cast<double>(draws));
  const auto mean = mean_sum / weight;
  const auto variance = (square_sum / weight - mean.square()).clamp_min(0);
  // One draw has no scatter; a gradient that is always 0 is no signal.
  if (draws < 2) return at::zeros_like(mean);
  return mean.abs() / (variance.sqrt() + mean.abs() * 1e-6).clamp_min(1e-30);
}

}  // namespace hypersynth
