#pragma once

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

/// Everything within the outline of the head: voxels that straight lines along the axes from
/// outside (not from below) can't reach without passing it. Not itk::BinaryFillholeImageFilter,
/// which leaves open what is joined to the air: mouth, nose and ears, and the neck where the image
/// ends.
MaskVoxels find_head(const Image& image, const TissueMap& map);

}  // namespace hypersynth
