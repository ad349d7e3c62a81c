#pragma once

#include <cstdint>
#include <limits>

#include <ATen/core/Tensor.h>

namespace hypersynth {

/// Whether the learned parameters still help. The segmentation network never trains on the real
/// images; their loss falls while it learns, and in long runs rises again as the parameters leave
/// what was good (docs/experiments.md). The loss of one batch says little, so that of windows of
/// hypergradients is compared.
struct ThetaProgress {
  static constexpr std::int64_t kWindow = 100;  ///< hypergradients
  static constexpr double kStandardErrors = 2;  ///< of a difference that counts

  std::int64_t draws = 0;           // of the present window
  at::Tensor loss_sums, theta_sum;  // [2], of loss and its square, and [parameters]; or undefined
  double best_loss = std::numeric_limits<double>::max();
  double best_variance = 0;  // of that mean
  at::Tensor best_theta;     // mean of the window of the lowest loss; undefined before the first
  std::int64_t windows_above = 0;  // in a row, by more than kStandardErrors
  bool resting = false;            // the parameters have gone back to the best, and stay

  /// The loss of the real batches, and the parameters that the hypergradient has moved.
  void add(const at::Tensor& real_loss, const at::Tensor& theta);
};

}  // namespace hypersynth
