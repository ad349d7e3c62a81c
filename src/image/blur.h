#pragma once

#include <array>
#include <vector>

#include "image/volume.h"

namespace hypersynth {

/// Weights of the offsets 0, 1, ... of a Gaussian that is sampled to 4 sigma and normalised; a
/// single 1 below 0.2, where the neighbours' weights vanish.
std::vector<float> gaussian_half_kernel(double sigma_voxels);

/// Convolves an image in place with a Gaussian, sampled to 4 sigma and normalised, one axis after
/// the other; voxels beyond the border count as those at it. `sigma_voxels` along i, j, k; below
/// 0.2, where the neighbours' weights vanish, an axis is left as it is.
void gaussian_blur(Image& image, const std::array<double, 3>& sigma_voxels, int threads = 1);

}  // namespace hypersynth
