#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

namespace hypersynth {

/// The label of each voxel of a grid; 0 is the background.
using LabelSpan = std::variant<std::span<const std::int32_t>, std::span<const std::uint16_t>,
                               std::span<const std::uint8_t>>;

/// The voxels from which pictures are drawn, on a grid of any orientation. They stay in the memory
/// of the caller, with i fastest (offset = i + ni * (j + nj * k)).
struct VoxelView {
  std::span<const float> intensities;
  LabelSpan labels;                            ///< if empty, nothing is outlined
  std::span<const std::uint8_t> brain_mask;    ///< if empty, every labelled voxel is brain
  std::array<std::int64_t, 3> shape{0, 0, 0};  ///< ni, nj, nk
  /// Maps voxel indices (i, j, k, 1) to world coordinates in mm (RAS+); stored by rows.
  std::array<std::array<double, 4>, 4> world_from_voxel{
      {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}};
};

/// The axes of a picture: the voxel axes that lie closest to the person's right, anterior and
/// superior, in this order.
struct RasAxes {
  std::array<std::int64_t, 3> shape{0, 0, 0};
  std::array<int, 3> voxel_axis{0, 1, 2};  ///< 0 for i, 1 for j, 2 for k
  std::array<bool, 3> flipped{false, false, false};
  /// How far one step to the right, to the front or up moves in memory, in voxels; may be negative.
  std::array<std::ptrdiff_t, 3> stride{0, 0, 0};
  std::ptrdiff_t origin = 0;  ///< offset of the leftmost, hindmost, lowest voxel
  std::array<double, 3> spacing_mm{1, 1, 1};
  /// World coordinate of the centre of slice 0 along each axis.
  std::array<double, 3> first_mm{0, 0, 0};
  std::array<double, 3> step_mm{1, 1, 1};  ///< change of this coordinate from slice to slice

  /// World coordinate of the centre of a slice along `axis`.
  double slice_mm(int axis, std::int64_t index) const {
    return first_mm[axis] + step_mm[axis] * static_cast<double>(index);
  }
};

/// World coordinates in mm of a place of the grid, given by its indices along right, anterior and
/// superior, which count from the centre of the first voxel and need not be whole.
std::array<double, 3> world_mm(const VoxelView& view, const RasAxes& axes,
                               const std::array<double, 3>& place);

/// Finds the axes of a grid. Throws std::invalid_argument if the shape is empty, if a span has not
/// one value for each voxel, or if the affine is singular.
RasAxes ras_axes(const VoxelView& view);

}  // namespace hypersynth
