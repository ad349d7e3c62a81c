#include "image/orientation.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "image/rotation.h"
#include "image/slabs.h"

namespace hypersynth {

namespace {

/// Strides along i, j and k of a volume of this shape.
std::array<std::int64_t, 3> strides_of(const std::array<std::int64_t, 3>& shape) {
  return {1, shape[0], shape[0] * shape[1]};
}

/// A volume of `grid` seen in RAS order.
StridedView ras_view(const Grid& grid) {
  const Orientation orientation = orientation_of(grid);
  const auto own = strides_of(grid.shape);
  StridedView view;
  for (std::size_t world = 0; world < 3; ++world) {
    const std::size_t axis = orientation.axes[world];
    const bool flipped = orientation.flipped[world];
    view.shape[world] = grid.shape[axis];
    view.strides[world] = flipped ? -own[axis] : own[axis];
    if (flipped) view.start += own[axis] * (grid.shape[axis] - 1);
  }
  return view;
}

/// A volume in RAS order seen as one of `grid`.
StridedView inverse_ras_view(const Grid& grid) {
  const Orientation orientation = orientation_of(grid);
  const auto own = strides_of(ras_grid(grid).shape);
  StridedView view;
  view.shape = grid.shape;
  for (std::size_t world = 0; world < 3; ++world) {
    const std::size_t axis = orientation.axes[world];
    const bool flipped = orientation.flipped[world];
    view.strides[axis] = flipped ? -own[world] : own[world];
    if (flipped) view.start += own[world] * (grid.shape[axis] - 1);
  }
  return view;
}

struct StridedAxis {
  std::int64_t count;
  std::int64_t from;  ///< stride in the source
  std::int64_t to;    ///< stride in the target
};

/// Copies a slice in tiles that fit the first-level cache whichever axis is the source's fastest.
template <typename T>
void copy_slice(const T* from, T* to, const StridedAxis& inner, const StridedAxis& middle) {
  constexpr std::int64_t kTile = 32;
  for (std::int64_t j_tile = 0; j_tile < middle.count; j_tile += kTile) {
    const std::int64_t j_end = std::min(j_tile + kTile, middle.count);
    for (std::int64_t i_tile = 0; i_tile < inner.count; i_tile += kTile) {
      const std::int64_t i_end = std::min(i_tile + kTile, inner.count);
      for (std::int64_t j = j_tile; j < j_end; ++j) {
        for (std::int64_t i = i_tile; i < i_end; ++i) {
          to[i + middle.to * j] = from[inner.from * i + middle.from * j];
        }
      }
    }
  }
}

}  // namespace

Orientation orientation_of(const Grid& grid) {
  const Affine directions = nearest_orthogonal(grid.world_from_voxel);
  Orientation orientation;
  std::array<bool, 3> taken{false, false, false};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::size_t nearest = 3;
    for (std::size_t world = 0; world < 3; ++world) {
      if (taken[world]) continue;
      if (nearest == 3 || std::abs(directions[world][axis]) > std::abs(directions[nearest][axis])) {
        nearest = world;
      }
    }
    taken[nearest] = true;
    orientation.axes[nearest] = axis;
    orientation.flipped[nearest] = directions[nearest][axis] < 0;
  }
  return orientation;
}

Grid ras_grid(const Grid& grid) {
  const Orientation orientation = orientation_of(grid);
  Grid result = grid;
  result.forms.reset();  // they describe the voxels in the order of the file
  for (std::size_t world = 0; world < 3; ++world) {
    const std::size_t axis = orientation.axes[world];
    const double sign = orientation.flipped[world] ? -1 : 1;
    const auto last = static_cast<double>(grid.shape[axis] - 1);
    result.shape[world] = grid.shape[axis];
    for (std::size_t row = 0; row < 3; ++row) {
      const double step = grid.world_from_voxel[row][axis];
      result.world_from_voxel[row][world] = sign * step;
      if (orientation.flipped[world]) result.world_from_voxel[row][3] += step * last;
    }
  }
  return result;
}

template <typename T>
Volume<T> to_ras(const Volume<T>& volume, int threads) {
  Volume<T> result(ras_grid(volume.grid));
  copy_strided(volume.voxels.data(), ras_view(volume.grid), result.voxels.data(), threads);
  return result;
}

template <typename T>
Volume<T> from_ras(const Volume<T>& volume, const Grid& grid, int threads) {
  if (volume.grid.shape != ras_grid(grid).shape) {
    throw std::invalid_argument("the volume isn't on the RAS version of the grid");
  }
  Volume<T> result(grid);
  copy_strided(volume.voxels.data(), inverse_ras_view(grid), result.voxels.data(), threads);
  return result;
}

template <typename T>
void copy_strided(const T* from, const StridedView& view, T* to, int threads) {
  const auto to_strides = strides_of(view.shape);
  std::array<StridedAxis, 3> axes{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    axes[axis] = {view.shape[axis], view.strides[axis], to_strides[axis]};
  }
  // The tiles span the fastest axis of the target and, of the other two axes, the one with the
  // smaller stride in the source.
  if (std::abs(axes[2].from) < std::abs(axes[1].from)) std::swap(axes[1], axes[2]);
  const auto [inner, middle, outer] = axes;
  for_each_slab(
      outer.count, threads,
      [&, inner = inner, middle = middle, outer = outer](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
          copy_slice(from + view.start + outer.from * i, to + outer.to * i, inner, middle);
        }
      });
}

template Volume<float> to_ras(const Volume<float>&, int);
template Volume<std::int32_t> to_ras(const Volume<std::int32_t>&, int);
template Volume<std::uint8_t> to_ras(const Volume<std::uint8_t>&, int);
template Volume<float> from_ras(const Volume<float>&, const Grid&, int);
template Volume<std::int32_t> from_ras(const Volume<std::int32_t>&, const Grid&, int);
template Volume<std::uint8_t> from_ras(const Volume<std::uint8_t>&, const Grid&, int);
template void copy_strided(const float*, const StridedView&, float*, int);
template void copy_strided(const std::int32_t*, const StridedView&, std::int32_t*, int);
template void copy_strided(const std::uint8_t*, const StridedView&, std::uint8_t*, int);

}  // namespace hypersynth
