#include "engine/training/theta_progress.h"

#include <algorithm>
#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>

namespace hypersynth {

void ThetaProgress::add(const at::Tensor& real_loss, const at::Tensor& theta) {
  const auto loss = real_loss.detach().reshape({}).to(at::kFloat);
  const auto both = at::stack({loss, loss.square()});
  loss_sums = loss_sums.defined() ? loss_sums + both : both;
  theta_sum = theta_sum.defined() ? theta_sum + theta : theta;
  if (++draws < kWindow) return;
  const auto sums = loss_sums.cpu();
  const double mean = sums[0].item<double>() / kWindow;
  const double scatter = sums[1].item<double>() / kWindow - mean * mean;
  const double variance = std::max(scatter, 0.0) / (kWindow - 1);
  const double above = kStandardErrors * std::sqrt(variance + best_variance);
  if (mean < best_loss) {
    best_loss = mean;
    best_variance = variance;
    best_theta = theta_sum / kWindow;
    windows_above = 0;
  } else {
    windows_above = mean - best_loss > above ? windows_above + 1 : 0;
  }
  draws = 0;
  loss_sums = theta_sum = at::Tensor();
}

}  // namespace hypersynth
