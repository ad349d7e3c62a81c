#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "image/volume.h"

namespace hypersynth {

/// The middle slice across one axis of a grid in RAS orientation as a picture, upright: the later
/// of the other two axes runs upwards.
class MiddleSlice {
 public:
  MiddleSlice(const Grid& grid, std::size_t axis)
      : right_(axis == 0 ? 1 : 0), up_(axis == 2 ? 1 : 2), shape_(grid.shape) {
    middle_[axis] = shape_[axis] / 2;
  }

  int width() const { return static_cast<int>(shape_[right_]); }
  int height() const { return static_cast<int>(shape_[up_]); }

  /// The voxel at a pixel; `y` counts from the top.
  std::array<std::int64_t, 3> voxel(int x, int y) const {
    auto voxel = middle_;
    voxel[right_] = x;
    voxel[up_] = shape_[up_] - 1 - y;
    return voxel;
  }

 private:
  std::size_t right_, up_;
  std::array<std::int64_t, 3> shape_;
  std::array<std::int64_t, 3> middle_{};
};

/// The axes that such slices are taken across: for the axial, the coronal and the sagittal one; of
/// a grid that is an axial slice itself only that.
inline std::vector<std::size_t> middle_slice_axes(const Grid& grid) {
  if (grid.shape[2] == 1) return {2};
  return {2, 1, 0};
}

}  // namespace hypersynth
