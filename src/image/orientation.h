#pragma once

#include <array>
#include <cstdint>

#include "image/volume.h"

namespace hypersynth {

/// Which voxel axis runs along which world axis.
struct Orientation {
  /// Voxel axis that runs nearest to right, anterior, superior: a permutation of 0, 1, 2.
  std::array<std::size_t, 3> axes{0, 1, 2};
  /// True where that voxel axis runs to the left, posterior or inferior.
  std::array<bool, 3> flipped{false, false, false};
};

/// Orientation of a grid as nibabel.io_orientation finds it: voxel axes in turn take the nearest
/// free world axis, by the orthogonal factor of the affine.
Orientation orientation_of(const Grid& grid);

/// The grid with voxel axes permuted and flipped to run nearest to right, anterior, superior; the
/// same voxels at the same places in the world (nibabel.as_closest_canonical).
Grid ras_grid(const Grid& grid);

/// The volume on ras_grid(volume.grid): voxels reordered, no interpolation.
/// T is float, std::int32_t or std::uint8_t.
template <typename T>
Volume<T> to_ras(const Volume<T>& volume, int threads = 1);

/// Undoes to_ras(): `volume` on ras_grid(grid) back on `grid`. Throws std::invalid_argument where
/// the shapes don't match.
template <typename T>
Volume<T> from_ras(const Volume<T>& volume, const Grid& grid, int threads = 1);

/// Where the voxels of one volume lie in the memory of another: offset = start + sum of
/// index * stride.
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
