#pragma once

#include <cstdint>
#include <limits>

#include <ATen/core/Tensor.h>

namespace hypersynth {

/// Whether the learned parameters still help: the segmentation network never trains on the real
/// images, so their loss says what it will do on scans. The loss is averaged over windows of
/// hypergradients, because that of one batch says little. In long runs it falls, and then rises
/// again as the parameters leave what was good (docs/experiments.md).
struct ThetaProgress {
  static constexpr std::int64_t kWindow = 100;  ///< hypergradients

  std::int64_t draws = 0;          // of the present window
  at::Tensor loss_sum, theta_sum;  // [1] and [parameters] of it; undefined where it is empty
  double best_loss = std::numeric_limits<double>::max();
  at::Tensor best_theta;  // mean of the window of the lowest loss; undefined before the first
  std::int64_t windows_since_best = 0;
  bool resting = false;  // the parameters have gone back to the best, and stay

  /// The loss of the real batches, and the parameters that the hypergradient has moved.
  void add(const at::Tensor& real_loss, const at::Tensor& theta);
};

}  // namespace hypersynth
