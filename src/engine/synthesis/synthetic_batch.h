#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

namespace hypersynth {

/// What the generative model did to an image after painting it, drawn once, so that it can be done
/// again to a repainted image.
struct Artefacts {
  at::Tensor log_bias;              // [N,1,n,...] on a coarse grid
  double largest_value = 300;       // painted values are clipped to [0, this], then scaled to [0,1]
  at::Tensor gamma;                 // [N] exponents
  std::vector<at::Tensor> filters;  // per axis [N,L,L]: blur and slice sampling
  /// Scale by percentiles, as InputRecipe says, rather than by the range to [0,1].
  bool percentiles = false;
};

/// Synthetic images and their references, on one device.
struct SyntheticBatch {
  at::Tensor image;      // [N,1,...]
  at::Tensor reference;  // [N,...] classes to segment (int64), or their probabilities [N,K,...]
  std::int64_t reference_classes = 0;  // K
  /// Intensity class of each voxel, [N,...] int64; undefined where the image was not painted by
  /// the generative model.
  at::Tensor intensity_classes;
  std::int64_t intensity_class_count = 0;
  /// The image before its artefacts; undefined as intensity_classes.
  at::Tensor painted;
  Artefacts artefacts;
};

/// Grey values of the generative model: classes are painted in 0 to 250 (SynthSeg).
constexpr double kPaintRange = 250;

/// Painted images [N,1,...] (0 to about 250) after bias field, clipping, scaling to [0,1], gamma,
/// and slice sampling. Differentiable once in `painted`.
at::Tensor apply_artefacts(const at::Tensor& painted, const Artefacts& artefacts);

/// [N,1,...] scaled per image by percentiles and clamped, as InputRecipe says.
at::Tensor scale_by_percentiles(const at::Tensor& image);

}  // namespace hypersynth
