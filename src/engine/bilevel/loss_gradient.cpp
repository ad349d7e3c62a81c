#include <algorithm>

#include <ATen/TensorOperators.h>
#include <ATen/ops/_log_softmax.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include "engine/bilevel/drawn_classes.h"
#include "engine/bilevel/folded_logits.h"
#include "engine/bilevel/losses.h"

namespace hypersynth {
namespace {

using torch::autograd::grad;

double weight_of(const LossOptions& options, LossKind kind) {
  double weight = 0;
  for (const auto& term : options.terms) weight += term.kind == kind ? term.weight : 0;
  return weight;
}

/// Elements that a CPU's cache holds several times.
constexpr std::int64_t kSliceElements = std::int64_t{1} << 18;

/// Calls `use` with the first class and the slice [N,k,R,C] of every few classes of `p`: few enough
/// on a CPU that intermediate results stay in the cache, all at once on a GPU.
template <typename Use>
void by_class(const at::Tensor& p, Use use) {
  const auto classes = p.size(1);
  const auto few = std::clamp<std::int64_t>(kSliceElements * classes / p.numel(), 1, classes);
  const auto step = p.is_cpu() ? few : classes;
  for (std::int64_t k = 0; k < classes; k += step)
    use(k, p.narrow(1, k, std::min(step, classes - k)));
}

at::Tensor sums_of_squares(const at::Tensor& p) {
  std::vector<at::Tensor> sums;
  by_class(p, [&](std::int64_t, const at::Tensor& slice) {
    sums.push_back(slice.square().sum({2, 3}));
  });
  return at::cat(sums, 1);
}

/// The values [N,K] of the classes in `slice` [N,k,R,C], from class `first` on, for its voxels.
at::Tensor spread(const at::Tensor& values, std::int64_t first, const at::Tensor& slice) {
  return values.narrow(1, first, slice.size(1)).unsqueeze(2).unsqueeze(3);
}

/// The Dice loss of probabilities and its derivatives by their products and squares, [N,K].
struct DiceSlopes {
  at::Tensor loss, by_overlap, by_squares;
};

DiceSlopes dice_slopes(const LossOptions& options, const FoldedLogits& f, const at::Tensor& own) {
  auto overlap = f.sum_by_class(own).requires_grad_();
  auto squares = sums_of_squares(f.logits).requires_grad_();
  const c10::AutoGradMode graph(true);
  const auto loss = dice_of_sums(options, f.voxels, overlap, squares, f.voxels_by_class());
  const auto slopes = grad({loss}, {overlap, squares});
  return {loss.detach(), slopes[0], slopes[1]};
}

/// Dice and cross-entropy in closed form. With p = softmax(z), a = dL/d(sum p^2) and
/// b = dL/d(sum p y) per class, q = w / voxels of a cross-entropy of weight w:
///   dL/dz_k = p_k (2 a_k p_k - s + q) + [y=k] (b_k p_k - q),   s = sum_j 2 a_j p_j^2 + b_y p_y.
LossGradient closed_form(const LossOptions& options, const FoldedLogits& f) {
  auto p = f.logits;
  at::_log_softmax_out(p, p, 1, false);
  const auto log_own = f.counted(f.at_label(p));
  p.exp_();
  if (f.mask.defined()) p.mul_(f.mask.unsqueeze(1));
  const auto share = weight_of(options, LossKind::kCrossEntropy) / f.counted_voxels();
  auto loss = -log_own.sum() * share;
  auto rest = share.expand(log_own.sizes()).clone();            // q - s
  auto at_label = -f.counted(rest);                             // b_y p_y - q
  auto twice = at::zeros({p.size(0), p.size(1)}, p.options());  // 2 a
  if (const double weight = weight_of(options, LossKind::kDice); weight > 0) {
    const auto own = f.at_label(p);
    const auto dice = dice_slopes(options, f, own);
    loss = loss + dice.loss * weight;
    twice = dice.by_squares * (2 * weight);
    const auto by_own =
        at::gather(dice.by_overlap * weight, 1, f.labels.flatten(1)).view(own.sizes()) * own;
    at_label.add_(by_own);
    rest.sub_(by_own);
    by_class(p, [&](std::int64_t k, const at::Tensor& slice) {
      rest.sub_(slice.square().mul_(spread(twice, k, slice)).sum(1));
    });
  }
  by_class(p, [&](std::int64_t k, at::Tensor slice) {
    slice.mul_((slice * spread(twice, k, slice)).add_(rest.unsqueeze(1)));
  });
  p.scatter_add_(1, f.labels.unsqueeze(1), at_label.unsqueeze(1));
  return {loss, p};
}

LossGradient by_autograd(const LossOptions& options, const at::Tensor& logits,
                         const at::Tensor& reference) {
  const c10::AutoGradMode graph(true);
  const auto leaf = logits.detach().requires_grad_();
  const auto loss = segmentation_loss(options, leaf, reference);
  return {loss.detach(), grad({loss}, {leaf})[0]};
}

}  // namespace

LossGradient segmentation_loss_gradient(const LossOptions& options, const at::Tensor& logits,
                                        const at::Tensor& reference) {
  if (!options.undrawn_classes.empty()) {
    const c10::AutoGradMode no_graph(false);
    const auto all = logits.detach();
    const DrawnClasses drawn(options, all, reference);
    const auto found = segmentation_loss_gradient(drawn.options, drawn.logits, drawn.reference);
    return {found.loss, drawn.by_all(found.by_logits, all)};
  }
  if (reference.is_floating_point() || weight_of(options, LossKind::kLogitMse) > 0)
    return by_autograd(options, logits, reference.detach());
  const c10::AutoGradMode no_graph(false);
  FoldedLogits folded(options, logits.detach(), reference);
  folded.logits = folded.logits.contiguous();
  auto result = closed_form(options, folded);
  result.by_logits = result.by_logits.view(logits.sizes());
  return result;
}

}  // namespace hypersynth
