#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

namespace hypersynth {

/// Label values of a grid; 0 is background.
using LabelSpan = std::variant<std::span<const std::int32_t>, std::span<const std::uint16_t>,
                               std::span<const std::uint8_t>>;

/// What a picture is drawn from: voxels in memory that the caller keeps, i fastest
/// (offset = i + ni * (j + nj * k)), on a grid of any orientation.
struct VoxelView {
  std::span<const float> intensities;
  LabelSpan labels;                            ///< empty: nothing is outlined
  std::span<const std::uint8_t> brain_mask;    ///< empty: every labelled voxel is brain
  std::array<std::int64_t, 3> shape{0, 0, 0};  ///< ni, nj, nk
  /// (i, j, k, 1) -> mm in RAS+ world coordinates, row-major.
  std::array<std::array<double, 4>, 4> world_from_voxel{
      {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}};
};

/// The voxel axes that lie closest to the person's right, anterior and superior, in this order.
struct RasAxes {
  std::array<std::int64_t, 3> shape{0, 0, 0};
  std::array<int, 3> voxel_axis{0, 1, 2};  ///< 0 for i, 1 for j, 2 for k
  std::array<bool, 3> flipped{false, false, false};
  /// How far one step to the right, front or top is in memory, in voxels; may be negative.
  std::array<std::ptrdiff_t, 3> stride{0, 0, 0};
  std::ptrdiff_t origin = 0;  ///< offset of the leftmost, hindmost, lowest voxel
  std::array<double, 3> spacing_mm{1, 1, 1};
  std::array<double, 3> first_mm{0, 0, 0};  ///< world coordinate of the centre of slice 0
  std::array<double, 3> step_mm{1, 1, 1};   ///< and its change from slice to slice

  double slice_mm(int axis, std::int64_t index) const {
    return first_mm[axis] + step_mm[axis] * static_cast<double>(index);
  }
};

/// Throws std::invalid_argument where the shape is empty, a span has not one value per voxel, or
/// the affine is singular.
RasAxes ras_axes(const VoxelView& view);

}  // namespace hypersynth
