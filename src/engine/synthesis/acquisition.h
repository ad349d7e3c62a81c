#pragma once

#include <vector>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "engine/synthesis/synthesis_options.h"
#include "engine/synthesis/synthetic_batch.h"

namespace hypersynth {

/// How each image was acquired along each axis, in mm, [N,axes] each.
struct Resolution {
  at::Tensor slice_mm;      // distance between slices
  at::Tensor thickness_mm;  // of a slice, at most their distance
};

/// Low along all axes alike, native, or low along one axis of the images.
Resolution random_resolution(const SynthesisOptions& options, std::int64_t images,
                             at::Generator& generator, const at::TensorOptions& tensor_options);

/// The acquisition as one filter [N,L,L] per axis: a Gaussian blur of blur_factor x thickness, the
/// nearest voxel of each slice, linear interpolation back.
std::vector<at::Tensor> acquisition_filters(const SynthesisOptions& options,
                                            const Resolution& resolution);

/// Bias field, gamma and acquisition of `images` images.
Artefacts random_artefacts(const SynthesisOptions& options, std::int64_t images,
                           at::Generator& generator, const at::TensorOptions& tensor_options);

}  // namespace hypersynth
