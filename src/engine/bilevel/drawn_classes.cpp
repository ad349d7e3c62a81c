#include "engine/bilevel/drawn_classes.h"

#include <algorithm>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/split.h>

namespace hypersynth {
namespace {

/// Background with what is in it, and the other classes.
struct Channels {
  at::Tensor merged;               // [N,U+1,...]
  std::vector<at::Tensor> others;  // [N,1,...] each
};

/// By one split, whose derivative is one concatenation, and without a tensor of indices, which the
/// host would have to wait for on a GPU.
Channels channels_of(const at::Tensor& all, const std::vector<std::int64_t>& drawn_of) {
  const auto each = at::split(all, 1, 1);
  std::vector<at::Tensor> merged;
  Channels channels;
  for (std::size_t k = 0; k < each.size(); ++k)
    (drawn_of[k] == 0 ? merged : channels.others).push_back(each[k]);
  channels.merged = at::cat(merged, 1);
  return channels;
}

at::Tensor joined(const at::Tensor& background, std::vector<at::Tensor> others) {
  others.insert(others.begin(), background);
  return at::cat(others, 1);
}

at::Tensor drawn_indices(const at::Tensor& given, const std::vector<std::int64_t>& drawn_of) {
  std::vector<at::Tensor> values;
  for (const auto value : drawn_of) values.push_back(at::full({1}, value, given.options()));
  values.push_back(at::full({1}, kIgnoredLabel, given.options()));
  const auto last = static_cast<std::int64_t>(drawn_of.size());
  const auto keys = given.masked_fill(given == kIgnoredLabel, last);
  return at::index_select(at::cat(values), 0, keys.reshape({-1})).view(given.sizes());
}

}  // namespace

DrawnClasses::DrawnClasses(const LossOptions& with_undrawn, const at::Tensor& all,
                           const at::Tensor& given)
    : options(with_undrawn) {
  const auto undrawn = std::exchange(options.undrawn_classes, {});
  std::int64_t drawn = 0;
  for (std::int64_t k = 0; k < all.size(1); ++k) {
    const bool merged = k == 0 || std::find(undrawn.begin(), undrawn.end(), k) != undrawn.end();
    drawn_of_.push_back(merged ? 0 : ++drawn);
  }
  // Sums of 16-bit exponentials are too coarse.
  const auto channels =
      channels_of(all.scalar_type() == at::kDouble ? all : all.to(at::kFloat), drawn_of_);
  logits = joined(at::logsumexp(channels.merged, 1, true), channels.others);
  if (!given.is_floating_point()) {
    reference = drawn_indices(given, drawn_of_);
    return;
  }
  const auto soft = channels_of(given, drawn_of_);
  reference = joined(soft.merged.sum(1, true), soft.others);
}

at::Tensor DrawnClasses::by_all(const at::Tensor& by_logits, const at::Tensor& all) const {
  // d log(sum_j e^z_j) / dz_k = softmax(z)_k.
  const auto merged = channels_of(all, drawn_of_).merged.to(by_logits.scalar_type());
  const auto by_merged = at::softmax(merged, 1).mul_(by_logits.narrow(1, 0, 1));
  std::vector<at::Tensor> parts;
  std::int64_t next = 0;
  for (const auto drawn : drawn_of_)
    parts.push_back(drawn == 0 ? by_merged.narrow(1, next++, 1) : by_logits.narrow(1, drawn, 1));
  return at::cat(parts, 1);
}

}  // namespace hypersynth
