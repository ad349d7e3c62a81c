#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "engine/synthesis_options.h"

namespace hypersynth {

/// Random affine matrices [N,d,d]: rotation x scaling x shear.
at::Tensor random_affines(const SynthesisOptions& options, std::int64_t images,
                          at::Generator& generator, const at::TensorOptions& tensor_options);

/// Random diffeomorphic displacements [N,d,...] in voxels over the patch: a smooth stationary
/// velocity field integrated by scaling and squaring at half size.
at::Tensor random_displacements(const SynthesisOptions& options, std::int64_t images,
                                at::Generator& generator, const at::TensorOptions& tensor_options);

/// Voxel positions of the patch relative to its centre, [d,...].
at::Tensor patch_positions(const SynthesisOptions& options,
                           const at::TensorOptions& tensor_options);

}  // namespace hypersynth
