#pragma once

#include <cstdint>

#include "image/volume.h"

namespace hypersynth {

/// Which voxels touch: those that share a face, or a face, an edge or a corner.
enum class Connectivity { kFaces6, kCorners26 };

/// The largest connected part of a mask, as 0 and 1 (of equally large parts the one whose first
/// voxel comes first in memory); empty where the mask is.
Mask largest_component(const Mask& mask, Connectivity connectivity = Connectivity::kFaces6);

}  // namespace hypersynth
