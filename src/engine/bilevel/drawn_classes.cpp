#include "engine/bilevel/drawn_classes.h"

#include <algorithm>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>

namespace hypersynth {
namespace {

at::Tensor indices_on(const std::vector<std::int64_t>& values, at::Device device) {
  return at::tensor(values, at::TensorOptions(at::kLong)).to(device);
}

}  // namespace

DrawnClasses::DrawnClasses(const LossOptions& with_undrawn, const at::Tensor& all,
                           const at::Tensor& indices)
    : options(with_undrawn) {
  const auto undrawn = std::exchange(options.undrawn_classes, {});
  std::vector<std::int64_t> kept, merged{0};
  std::vector<std::int64_t> drawn_of{0};  // by class; the last is for kIgnoredLabel
  for (std::int64_t k = 1; k < all.size(1); ++k) {
    const bool is_drawn = std::find(undrawn.begin(), undrawn.end(), k) == undrawn.end();
    if (is_drawn) kept.push_back(k);
    if (!is_drawn) merged.push_back(k);
    drawn_of.push_back(is_drawn ? static_cast<std::int64_t>(kept.size()) : 0);
  }
  drawn_of.push_back(kIgnoredLabel);
  const auto device = all.device();
  kept_ = indices_on(kept, device);
  merged_ = indices_on(merged, device);
  const auto background = at::logsumexp(at::index_select(all, 1, merged_), 1, true);
  logits = at::cat({background, at::index_select(all, 1, kept_)}, 1);
  const auto keys = indices.masked_fill(indices < 0, all.size(1));
  reference =
      at::index_select(indices_on(drawn_of, device), 0, keys.reshape({-1})).view(indices.sizes());
}

at::Tensor DrawnClasses::by_all(const at::Tensor& by_logits, const at::Tensor& all,
                                const at::Tensor& background) const {
  auto result = at::zeros_like(all, by_logits.options());
  const auto merged = at::index_select(all, 1, merged_).to(by_logits.scalar_type());
  result.index_copy_(1, merged_, (merged - background).exp_().mul_(by_logits.narrow(1, 0, 1)));
  result.index_copy_(1, kept_, by_logits.narrow(1, 1, by_logits.size(1) - 1));
  return result;
}

}  // namespace hypersynth
