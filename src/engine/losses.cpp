#include "engine/losses.h"

#include <sstream>
#include <stdexcept>

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/scatter_add.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>

namespace hypersynth {
namespace {

/// Logits and reference with the spatial axes folded to [rows, columns]: sums by class go row by
/// row first, which keeps float32 sums exact enough and runs in parallel.
struct Folded {
  at::Tensor logits;  // [N,K,R,C]
  at::Tensor labels;  // [N,R,C], classes; ignored voxels hold 0
  at::Tensor soft;    // [N,K,R,C] or undefined
  at::Tensor mask;    // [N,R,C], 0 where ignored, or undefined: every voxel counts
  double voxels = 0;  // of one image
};

Folded fold(const LossOptions& options, const at::Tensor& logits, const at::Tensor& reference) {
  Folded f;
  const auto images = logits.size(0);
  const auto classes = logits.size(1);
  const auto rows = logits.size(2);
  const auto z = logits.scalar_type() == at::kDouble ? logits : logits.to(at::kFloat);
  f.logits = z.reshape({images, classes, rows, -1});
  f.voxels = static_cast<double>(rows * f.logits.size(3));
  if (reference.is_floating_point()) {
    f.soft = reference.reshape({images, classes, rows, -1});
    return f;
  }
  f.labels = reference.reshape({images, rows, -1});
  if (options.ignored_labels) {
    f.mask = (f.labels != kIgnoredLabel).to(z.scalar_type());
    f.labels = f.labels.clamp_min(0);
  }
  return f;
}

/// `values` [N,R,C] or [N,K,R,C] with ignored voxels set to zero.
at::Tensor counted(const at::Tensor& values, const Folded& f) {
  if (!f.mask.defined()) return values;
  return values * (values.dim() == 4 ? f.mask.unsqueeze(1) : f.mask);
}

/// Voxels that count, over the batch.
at::Tensor counted_voxels(const Folded& f) {
  if (f.mask.defined()) return f.mask.sum().clamp_min(1);
  return at::full({}, f.voxels * static_cast<double>(f.logits.size(0)), f.logits.options());
}

/// Sum over the voxels of each class of `values` [N,R,C]: [N,K].
at::Tensor sum_by_class(const at::Tensor& values, const at::Tensor& labels, std::int64_t classes) {
  const auto zero = at::zeros({values.size(0), values.size(1), classes}, values.options());
  return at::scatter_add(zero, 2, labels, values).sum(1);
}

at::Tensor at_label(const at::Tensor& per_class, const Folded& f) {
  return at::gather(per_class, 1, f.labels.unsqueeze(1)).squeeze(1);
}

at::Tensor logit_mse(const LossOptions& options, const Folded& f) {
  const double t = options.logit_target;
  const auto& z = f.logits;
  if (f.soft.defined()) return (z + (1 - 2 * f.soft) * t).square().mean();
  // (z - t)^2 = (z + t)^2 - 4 t z: the class of the voxel needs one correction, no one-hot tensor.
  const auto all = counted((z + t).square(), f).sum();
  const auto own = counted(at_label(z, f), f).sum();
  return (all - 4 * t * own) / (counted_voxels(f) * z.size(1));
}

at::Tensor dice(const LossOptions& options, const Folded& f) {
  const auto classes = f.logits.size(1);
  const double e = options.dice_smoothing.value_or(1 / static_cast<double>(classes)) * f.voxels;
  const auto p = at::softmax(f.logits, 1);
  at::Tensor overlap, squares, reference;
  if (f.soft.defined()) {
    overlap = (p * f.soft).sum({2, 3});
    squares = p.square().sum({2, 3});
    reference = f.soft.square().sum({2, 3});
  } else {
    overlap = sum_by_class(counted(at_label(p, f), f), f.labels, classes);
    squares = counted(p.square(), f).sum({2, 3});
    const auto ones = f.mask.defined() ? f.mask : at::ones(f.labels.sizes(), p.options());
    reference = sum_by_class(ones, f.labels, classes);
  }
  const auto score = (2 * overlap + e) / (squares + reference + e);  // [N,K]
  if (!options.skip_absent_classes) return 1 - score.mean();
  const auto present = (reference > 0).to(score.scalar_type());
  return 1 - ((score * present).sum(1) / present.sum(1).clamp_min(1)).mean();
}

at::Tensor cross_entropy(const Folded& f) {
  const auto log_p = at::log_softmax(f.logits, 1);
  if (f.soft.defined()) return -(log_p * f.soft).sum(1).mean();
  return -counted(at_label(log_p, f), f).sum() / counted_voxels(f);
}

at::Tensor term_loss(const LossOptions& options, LossKind kind, const Folded& folded) {
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
  const auto folded = fold(options, logits, reference);
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
