#include "engine/bilevel/losses.h"

#include <sstream>
#include <stdexcept>

#include <ATen/TensorOperators.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/softmax.h>

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

LossKind loss_named(const std::string& name) {
  if (name == "logit-mse") return LossKind::kLogitMse;
  if (name == "dice") return LossKind::kDice;
  if (name == "cross-entropy") return LossKind::kCrossEntropy;
  throw std::invalid_argument("unknown loss '" + name +
                              "': choose from logit-mse, dice, cross-entropy and their sums");
}

}  // namespace

std::vector<std::string> LossOptions::check() const {
  std::vector<std::string> violations;
  if (terms.empty()) violations.emplace_back("a loss needs at least one term");
  for (const auto& term : terms) {
    if (!(term.weight > 0)) violations.emplace_back("the weight of a loss term must be positive");
  }
  if (!(logit_target > 0)) violations.emplace_back("logit_target must be positive");
  if (dice_smoothing && !(*dice_smoothing > 0))
    violations.emplace_back("dice_smoothing must be positive");
  return violations;
}

at::Tensor segmentation_loss(const LossOptions& options, const at::Tensor& logits,
                             const at::Tensor& reference) {
  const FoldedLogits folded(options, logits, reference);
  at::Tensor total;
  for (const auto& term : options.terms) {
    auto value = term_loss(options, term.kind, folded);
    if (term.weight != 1) value = value * term.weight;
    total = total.defined() ? total + value : value;
  }
  return total;
}

std::vector<LossOptions::Term> parse_loss(const std::string& text) {
  std::vector<LossOptions::Term> terms;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, '+');) {
    const auto star = part.find('*');
    LossOptions::Term term;
    if (star != std::string::npos) {
      std::size_t end = 0;
      try {
        term.weight = std::stod(part.substr(0, star), &end);
      } catch (const std::logic_error&) {
        end = 0;
      }
      if (end != star) throw std::invalid_argument("'" + part + "' is not WEIGHT*LOSS");
    }
    term.kind = loss_named(star == std::string::npos ? part : part.substr(star + 1));
    terms.push_back(term);
  }
  return terms;
}

}  // namespace hypersynth
