#pragma once

#include <ATen/core/Tensor.h>

#include "engine/bilevel/loss_options.h"

namespace hypersynth {

/// Logits and reference of the classes that a reference draws: with u the undrawn ones, the logit
/// of background is log(e^z_0 + sum_u e^z_u), so that its probability is the sum of theirs and its
/// own, and the channels u are gone. (The marginal loss of partially labelled data: Fidon et al.,
/// "Label-set loss functions for partial supervision", MICCAI 2021.)
struct DrawnClasses {
  /// `all` [N,K,...] logits; `indices` int64, of 0..K-1 or kIgnoredLabel. Differentiable in `all`.
  DrawnClasses(const LossOptions& with_undrawn, const at::Tensor& all, const at::Tensor& indices);

  /// The derivative by `all` from that by `logits`; `background` is the latter's first channel.
  at::Tensor by_all(const at::Tensor& by_logits, const at::Tensor& all,
                    const at::Tensor& background) const;

  LossOptions options;   // without undrawn classes
  at::Tensor logits;     // [N,K-U,...]
  at::Tensor reference;  // of 0..K-U-1 or kIgnoredLabel

 private:
  at::Tensor kept_;    // classes but background that are drawn
  at::Tensor merged_;  // background and what is in it
};

}  // namespace hypersynth
