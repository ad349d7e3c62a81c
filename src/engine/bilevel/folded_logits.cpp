#include "engine/bilevel/folded_logits.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/scatter_add.h>
#include <ATen/ops/zeros.h>

namespace hypersynth {

FoldedLogits::FoldedLogits(const LossOptions& options, const at::Tensor& unfolded,
                           const at::Tensor& reference) {
  const auto images = unfolded.size(0);
  const auto classes = unfolded.size(1);
  const auto rows = unfolded.size(2);
  const auto z = unfolded.scalar_type() == at::kDouble ? unfolded : unfolded.to(at::kFloat);
  logits = z.reshape({images, classes, rows, -1});
  voxels = static_cast<double>(rows * logits.size(3));
  if (reference.is_floating_point()) {
    soft = reference.reshape({images, classes, rows, -1});
    return;
  }
  labels = reference.reshape({images, rows, -1});
  if (options.ignored_labels) {
    mask = (labels != kIgnoredLabel).to(z.scalar_type());
    labels = labels.clamp_min(0);
  }
}

at::Tensor FoldedLogits::counted(const at::Tensor& values) const {
  if (!mask.defined()) return values;
  return values * (values.dim() == 4 ? mask.unsqueeze(1) : mask);
}

at::Tensor FoldedLogits::counted_voxels() const {
  if (mask.defined()) return mask.sum().clamp_min(1);
  return at::full({}, voxels * static_cast<double>(logits.size(0)),
                  logits.options().requires_grad(false));
}

at::Tensor FoldedLogits::at_label(const at::Tensor& per_class) const {
  return at::gather(per_class, 1, labels.unsqueeze(1)).squeeze(1);
}

at::Tensor FoldedLogits::sum_by_class(const at::Tensor& values) const {
  const auto zero = at::zeros({values.size(0), values.size(1), logits.size(1)}, values.options());
  return at::scatter_add(zero, 2, labels, values).sum(1);
}

at::Tensor FoldedLogits::voxels_by_class() const {
  const auto options = logits.options().requires_grad(false);
  return sum_by_class(mask.defined() ? mask : at::ones(labels.sizes(), options));
}

at::Tensor dice_of_sums(const LossOptions& options, double voxels, const at::Tensor& overlap,
                        const at::Tensor& squares, const at::Tensor& reference) {
  if (options.dice_over_batch && overlap.size(0) > 1)
    return dice_of_sums(options, voxels * static_cast<double>(overlap.size(0)),
                        overlap.sum(0, true), squares.sum(0, true), reference.sum(0, true));
  const auto classes = static_cast<double>(overlap.size(1));
  const double e = options.dice_smoothing.value_or(1 / classes) * voxels;
  const auto score = (2 * overlap + e) / (squares + reference + e);
  if (!options.skip_absent_classes) return 1 - score.mean();
  const auto present = (reference > 0).to(score.scalar_type());
  return 1 - ((score * present).sum(1) / present.sum(1).clamp_min(1)).mean();
}

}  // namespace hypersynth
