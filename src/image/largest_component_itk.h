#pragma once

#include "image/volume.h"

namespace hypersynth {

/// Clears all of a mask (voxels 0 or 1) but its largest connected component; voxels touch that
/// share a face, an edge or a corner (26 neighbours). Of equally large ones one is kept. Throws
/// Error kInternal where ITK fails.
void keep_largest_piece(Mask& mask);

}  // namespace hypersynth
