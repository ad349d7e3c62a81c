#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

namespace hypersynth {

/// Linear filters along one axis, one matrix per image of a batch ([N,L,L], row = output voxel),
/// so that a batch with a different blur and resolution in every image is three matrix products.

/// Gaussian blur with standard deviations `sigma` [N] in voxels, rows sum to 1 (the edge is
/// renormalised); below 0.01 voxel it is the identity. Differentiable in sigma.
at::Tensor gaussian_matrix(const at::Tensor& sigma, std::int64_t length);

/// Nearest-neighbour downsampling by factors `step` [N] (voxels per slice, >= 1) followed by linear
/// upsampling to the same length; the identity where step = 1.
at::Tensor resampling_matrix(const at::Tensor& step, std::int64_t length);

/// Images [N,1,...] filtered along each spatial axis by matrices[axis]; an undefined matrix leaves
/// its axis alone.
at::Tensor filter_axes(const at::Tensor& image, const std::vector<at::Tensor>& matrices);

}  // namespace hypersynth
