#pragma once

#include <vector>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "engine/synthesis/synthesis_options.h"

namespace hypersynth {

/// Random affine matrices [N,d,d]: rotation x scaling x shear.
at::Tensor random_affines(const SynthesisOptions& options, std::int64_t images,
                          at::Generator& generator, const at::TensorOptions& tensor_options);

/// Smooth stationary velocities at their knots, [N,d,...] in voxels: every image has a standard
/// deviation of its own, U(0, velocity_std).
at::Tensor random_velocities(const SynthesisOptions& options, std::int64_t images,
                             at::Generator& generator, const at::TensorOptions& tensor_options);

/// The diffeomorphism exp(v) - identity of velocities at knots, [N,d,...] in voxels over the patch:
/// scaling and squaring at half its size (Arsigny et al., MICCAI 2006).
at::Tensor integrate(const at::Tensor& velocities, const std::vector<std::int64_t>& patch,
                     int squarings);

/// Positions [N,d,...] that the voxels of the patch are sampled at, in voxels relative to its
/// centre: affine o deformation.
at::Tensor random_positions(const SynthesisOptions& options, std::int64_t images,
                            at::Generator& generator, const at::TensorOptions& tensor_options);

}  // namespace hypersynth
