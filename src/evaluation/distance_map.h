#pragma once

#include <vector>

#include "image/volume.h"

namespace hypersynth {

/// Distances in mm from the centre of each voxel to the centre of the nearest voxel of `marked`
/// that is not 0, in the order of its voxels. They are exact (Euclidean) up to rounding, for a grid
/// whose axes are orthogonal: lengths are taken along the axes, from spacing_mm(). `marked` must
/// mark at least one voxel, and each marked voxel needs a neighbour that is not marked, by face,
/// edge or corner and inside the grid; surface voxels with a margin of one voxel have one.
///
/// Opens the library that computes them, which is linked to ITK, on first use. May be called by
/// several threads at once. Throws Error kInternal if that library cannot be opened or ITK fails.
std::vector<double> distance_map_mm(const Mask& marked);

}  // namespace hypersynth
