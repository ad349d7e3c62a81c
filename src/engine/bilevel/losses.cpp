#include "engine/bilevel/losses.h"

#include <stdexcept>

#include <ATen/TensorOperators.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/softmax.h>

#include "engine/bilevel/drawn_classes.h"
#include "engine/bilevel/folded_logits.h"

namespace hypersynth {
namespace {

at::Tensor logit_mse(const LossOptions& options, const FoldedLogits& f) {
  const double t = options.logit_target;
  const auto& z = f.logits;
  if (f.soft.defined()) return (z + (1 - 2 * f.soft) * t).square().mean();
  // (z - t)^2 = (z + t)^2 - 4 t z: the class of the voxel needs one correction, no one-hot tensor.
  const auto all = f.counted((z + t).square()).sum();
  const auto own = f.counted(f.at_label(z)).sum();
  return (all - 4 * t * own) / (f.counted_voxels() * z.size(1));
}

at::Tensor dice(const LossOptions& options, const FoldedLogits& f) {
  const auto p = at::softmax(f.logits, 1);
  if (f.soft.defined())
    return dice_of_sums(options, f.voxels, (p * f.soft).sum({2, 3}), p.square().sum({2, 3}),
                        f.soft.square().sum({2, 3}));
  return dice_of_sums(options, f.voxels, f.sum_by_class(f.counted(f.at_label(p))),
                      f.counted(p.square()).sum({2, 3}), f.voxels_by_class());
}

at::Tensor cross_entropy(const FoldedLogits& f) {
  const auto log_p = at::log_softmax(f.logits, 1);
  if (f.soft.defined()) return -(log_p * f.soft).sum(1).mean();
  return -f.counted(f.at_label(log_p)).sum() / f.counted_voxels();
}

at::Tensor term_loss(const LossOptions& options, LossKind kind, const FoldedLogits& folded) {
  switch (kind) {
    case LossKind::kLogitMse:
      return logit_mse(options, folded);
    case LossKind::kDice:
      return dice(options, folded);
    case LossKind::kCrossEntropy:
      return cross_entropy(folded);
  }
  throw std::logic_error("unknown loss");
}

}  // namespace

at::Tensor segmentation_loss(const LossOptions& options, const at::Tensor& logits,
                             const at::Tensor& reference) {
  if (!options.undrawn_classes.empty()) {
    const DrawnClasses drawn(options, logits, reference);
    return segmentation_loss(drawn.options, drawn.logits, drawn.reference);
  }
  const FoldedLogits folded(options, logits, reference);
  at::Tensor total;
  for (const auto& term : options.terms) {
    auto value = term_loss(options, term.kind, folded);
    if (term.weight != 1) value = value * term.weight;
    total = total.defined() ? total + value : value;
  }
  return total;
}

}  // namespace hypersynth
