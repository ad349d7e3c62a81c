#pragma once

#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace hypersynth {

enum class LossKind { kLogitMse, kDice, kCrossEntropy };

/// A weighted sum of segmentation losses.
struct LossOptions {
  struct Term {
    LossKind kind = LossKind::kDice;
    double weight = 1;
  };
  std::vector<Term> terms{{LossKind::kDice, 1}};
  /// Logit aimed at by logit-mse: +target inside a class, -target outside (Learn2Synth: 5).
  double logit_target = 5;
  /// Dice smoothing as a fraction of the voxels of an image; unset: 1 / number of classes.
  std::optional<double> dice_smoothing;
  /// Leave classes that an image's reference does not contain out of its Dice mean.
  bool skip_absent_classes = false;
  /// The reference may hold kIgnoredLabel (costs one more tensor of the logits' size).
  bool ignored_labels = false;

  /// Every violation, one sentence each; empty where all is well.
  std::vector<std::string> check() const;
};

/// Reference value of voxels that count in no loss.
constexpr std::int64_t kIgnoredLabel = -1;

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

/// "logit-mse", "dice", "cross-entropy", or a sum such as "dice+0.2*cross-entropy"; throws
/// std::invalid_argument that names the unknown word.
std::vector<LossOptions::Term> parse_loss(const std::string& text);

}  // namespace hypersynth
