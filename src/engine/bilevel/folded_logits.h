#pragma once

#include <ATen/core/Tensor.h>

#include "engine/bilevel/losses.h"

namespace hypersynth {

/// Logits and reference with the spatial axes folded to [rows, columns]: sums by class go row by
/// row first, which keeps float32 sums exact enough and runs in parallel.
struct FoldedLogits {
  FoldedLogits(const LossOptions& options, const at::Tensor& unfolded, const at::Tensor& reference);

  /// `values` [N,R,C] or [N,K,R,C] with ignored voxels set to zero.
  at::Tensor counted(const at::Tensor& values) const;
  /// Voxels that count, over the batch.
  at::Tensor counted_voxels() const;
  /// `per_class` [N,K,R,C] at the class of each voxel: [N,R,C].
  at::Tensor at_label(const at::Tensor& per_class) const;
  /// Sum over the voxels of each class of `values` [N,R,C]: [N,K].
  at::Tensor sum_by_class(const at::Tensor& values) const;
  /// Voxels of each class [N,K].
  at::Tensor voxels_by_class() const;

  at::Tensor logits;  // [N,K,R,C]
  at::Tensor labels;  // [N,R,C], classes; ignored voxels hold 0
  at::Tensor soft;    // [N,K,R,C] or undefined
  at::Tensor mask;    // [N,R,C], 0 where ignored, or undefined: every voxel counts
  double voxels = 0;  // of one image
};

/// The Dice loss from its sums over voxels, [N,K] each: of p y, of p^2 and of y^2.
at::Tensor dice_of_sums(const LossOptions& options, double voxels, const at::Tensor& overlap,
                        const at::Tensor& squares, const at::Tensor& reference);

}  // namespace hypersynth
