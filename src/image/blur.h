#pragma once

#include <array>

#include "image/volume.h"

namespace hypersynth {

/// Convolves an image in place with a Gaussian, sampled to 4 sigma and normalised, one axis after
/// the other; voxels beyond the border count as those at it. `sigma_voxels` along i, j, k; below
/// 0.2, where the neighbours' weights vanish, an axis is left as it is.
void gaussian_blur(Image& image, const std::array<double, 3>& sigma_voxels, int threads = 1);

}  // namespace hypersynth
