#include "engine/training/theta_progress.h"

#include <ATen/TensorOperators.h>

namespace hypersynth {

void ThetaProgress::add(const at::Tensor& real_loss, const at::Tensor& theta) {
  const auto loss = real_loss.detach().reshape({1});
  loss_sum = loss_sum.defined() ? loss_sum + loss : loss;
  theta_sum = theta_sum.defined() ? theta_sum + theta : theta;
  if (++draws < kWindow) return;
  const double mean = loss_sum.item<double>() / kWindow;
  if (mean < best_loss) {
    best_loss = mean;
    best_theta = theta_sum / kWindow;
    windows_since_best = 0;
  } else {
    ++windows_since_best;
  }
  draws = 0;
  loss_sum = theta_sum = at::Tensor();
}

}  // namespace hypersynth
