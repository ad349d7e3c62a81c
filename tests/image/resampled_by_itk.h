#pragma once

#include <vector>

#include "image/volume.h"

namespace hypersynth {

/// `image` on the grid `target` by ITK's linear interpolation, with one thread: what Resampler is
/// compared with, in its results (tests) and its time (bench).
std::vector<float> resampled_by_itk(const Image& image, const Grid& target);

}  // namespace hypersynth
