#pragma once

#include <cstdint>

#include "image/volume.h"

namespace hypersynth {

/// Which voxels touch: those that share a face, or a face, an edge or a corner.
enum class Connectivity { kFaces6, kCorners26 };

/// Clears all of a mask but its largest connected component (of equally large ones the one whose
/// first voxel comes first in memory).
void keep_largest_component(Mask& mask, Connectivity connectivity = Connectivity::kFaces6);

}  // namespace hypersynth
