#pragma once

#include <array>

#include "image/volume.h"
#include "quality/mask_morphology.h"
#include "quality/tissue_map.h"

namespace hypersynth {

/// Intensity above which a voxel is no noise of the air: Otsu's threshold (1979) of every n-th
/// voxel or, where lower, the median of the darker class plus 8 median absolute deviations. In the
/// unit of the image; 0 where the image is 0 nearly everywhere.
float head_threshold(const Image& image);

/// The axis (and the end of it) that points up.
struct Upwards {
  std::size_t axis = 2;
  bool increasing = true;  ///< the last voxel along the axis is the highest
};
Upwards upwards(const Grid& grid);

/// Height of a voxel above that of voxel (0, 0, 0), in mm, is the sum over axes of slope * index.
using Slope = std::array<double, 3>;
Slope slope_of(const Grid& grid);

/// Height of the centre of all grey and white matter; NaN where there is none.
double height_of_brain(const TissueMap& map, const Grid& grid);

/// Everything within the outline of the head: voxels that straight lines along the axes from
/// outside (not from below) can't reach without passing it. The head is the largest piece of what
/// is brain, or brighter than noise and than a quarter of its median (joined across 8 mm) and,
/// above the centre of the brain, within 30 mm of it: skull and scalp are thinner, and ghosts and
/// what is wrapped around, however bright, are air. Not itk::BinaryFillholeImageFilter, which
/// leaves open what is joined to the air: mouth, nose and ears, and the neck where the image ends.
MaskVoxels find_head(const Image& image, const TissueMap& map);

}  // namespace hypersynth
