#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/bilevel/loss_options.h"

namespace hypersynth {

/// Logits and reference of the classes that a reference draws: with u the undrawn ones, the logit
/// of background is log(e^z_0 + sum_u e^z_u), so that its probability is the sum of theirs and its
/// own, and the channels u are gone. (The marginal loss of partially labelled data: Fidon et al.,
/// "Label-set loss functions for partial supervision", MICCAI 2021.)
struct DrawnClasses {
  /// `all` [N,K,...] logits; `given` as segmentation_loss takes it: where it knows undrawn classes,
  /// they are background. Differentiable in both like the loss.
  DrawnClasses(const LossOptions& with_undrawn, const at::Tensor& all, const at::Tensor& given);

  /// The derivative by `all` from that by `logits`.
  at::Tensor by_all(const at::Tensor& by_logits, const at::Tensor& all) const;

  LossOptions options;   // without undrawn classes
  at::Tensor logits;     // [N,K-U,...] float32 or float64
  at::Tensor reference;  // of 0..K-U-1 or kIgnoredLabel, or [N,K-U,...]

 private:
  std::vector<std::int64_t> drawn_of_;  // by class of all: its class among the drawn ones
};

}  // namespace hypersynth
