#pragma once

#include <ATen/core/Tensor.h>

#include "engine/bilevel/loss_options.h"

namespace hypersynth {

/// The loss (a scalar) of logits [N,K,...] against a reference: class indices [N,...] or [N,1,...]
/// (int64, 0..K-1, or kIgnoredLabel with `ignored_labels`) or class probabilities [N,K,...] of the
/// logits' type. Twice differentiable in the logits, once in a reference of probabilities.
///   logit-mse      mean over batch, class and voxel of (z + (1 - 2 [y=k]) t)^2
///   dice           1 - mean_k (2 sum p y + e) / (sum p^2 + sum y^2 + e), e = smoothing x voxels
///   cross-entropy  mean over voxels of -log p_y
at::Tensor segmentation_loss(const LossOptions& options, const at::Tensor& logits,
                             const at::Tensor& reference);

struct LossGradient {
  at::Tensor loss;       // scalar
  at::Tensor by_logits;  // of the logits' shape, float32 or float64
};

/// segmentation_loss and its derivative by the logits, without a graph, for passes that are
/// differentiated once; the reference is a constant. The memory of the logits is used up: where the
/// loss is a sum of dice and cross-entropy against class indices, it holds the derivative
/// afterwards.
LossGradient segmentation_loss_gradient(const LossOptions& options, const at::Tensor& logits,
                                        const at::Tensor& reference);

}  // namespace hypersynth
