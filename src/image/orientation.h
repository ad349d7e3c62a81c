#pragma once

#include <array>
#include <cstdint>

#include "image/volume.h"

namespace hypersynth {

/// Which voxel axis runs along which world axis, and in which direction.
struct Orientation {
  /// For the world axes right, anterior and superior the voxel axis nearest to each: a permutation
  /// of 0, 1 and 2.
  std::array<std::size_t, 3> axes{0, 1, 2};
  /// For each world axis whether its voxel axis runs the other way: to the left, posterior or
  /// inferior.
  std::array<bool, 3> flipped{false, false, false};
};

/// The orientation of a grid, found as nibabel.io_orientation does: the voxel axes in turn take the
/// nearest world axis that is still free, by the orthogonal factor of the affine.
Orientation orientation_of(const Grid& grid);

/// The grid with its voxel axes permuted and flipped so that they run nearest to right, anterior
/// and superior. Every voxel stays at its place in the world (nibabel.as_closest_canonical).
Grid ras_grid(const Grid& grid);

/// The volume on ras_grid(volume.grid). Voxels are reordered, not interpolated.
/// T is float, std::int32_t or std::uint8_t.
template <typename T>
Volume<T> to_ras(const Volume<T>& volume, int threads = 1);

/// The inverse of to_ras(): brings `volume`, which is on ras_grid(grid), to `grid`. Throws
/// std::invalid_argument if the shapes do not match.
template <typename T>
Volume<T> from_ras(const Volume<T>& volume, const Grid& grid, int threads = 1);

/// How the voxels of one volume lie in the memory of another: the voxel with the indices i, j and k
/// is at `start` + i * strides[0] + j * strides[1] + k * strides[2].
struct StridedView {
  std::array<std::int64_t, 3> shape{};
  std::array<std::int64_t, 3> strides{};
  std::int64_t start = 0;
};

/// Copies `from` seen through `view` into `to`, first index fastest, in cache-sized tiles.
/// T is float, std::int32_t or std::uint8_t.
template <typename T>
void copy_strided(const T* from, const StridedView& view, T* to, int threads = 1);

}  // namespace hypersynth
