#pragma once

#include "image/volume.h"

namespace hypersynth {

/// Resamples a label map to the grid `target` by nearest neighbours: each voxel takes the label of
/// the source voxel whose centre is nearest to its own along the axes of the source. Voxels whose
/// centre lies outside the source get 0. Throws std::domain_error if the source's affine is
/// singular.
LabelMap resample_labels(const LabelMap& labels, const Grid& target);

}  // namespace hypersynth
