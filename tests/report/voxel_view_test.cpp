#include "report/voxel_view.h"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

/// A 2 x 3 x 4 grid whose voxel axes point along signed world axes: {1, -3, 2} is R, I, A.
struct Oriented {
  std::vector<float> intensities = std::vector<float>(24);
  VoxelView view;

  explicit Oriented(std::array<int, 3> directions, std::array<double, 3> spacing_mm = {1, 2, 3}) {
    view.shape = {2, 3, 4};
    view.intensities = intensities;
    view.world_from_voxel = {};
    view.world_from_voxel[3][3] = 1;
    for (int voxel = 0; voxel < 3; ++voxel) {
      const int world = std::abs(directions[voxel]) - 1;
      view.world_from_voxel[world][voxel] =
          directions[voxel] > 0 ? spacing_mm[voxel] : -spacing_mm[voxel];
    }
    for (int world = 0; world < 3; ++world) view.world_from_voxel[world][3] = 10. * (world + 1);
  }
};

std::array<double, 3> world_of(const VoxelView& view, std::ptrdiff_t offset) {
  const double i = static_cast<double>(offset % 2), j = static_cast<double>(offset / 2 % 3),
               k = static_cast<double>(offset / 6);
  std::array<double, 3> world{};
  for (int axis = 0; axis < 3; ++axis) {
    const auto& row = view.world_from_voxel[axis];
    world[axis] = row[0] * i + row[1] * j + row[2] * k + row[3];
  }
  return world;
}

TEST(VoxelViewTest, EveryOneOfThe48OrientationsIsWalkedFromLeftHindLow) {
  for (const std::array<int, 3>& order :
       {std::array{1, 2, 3}, {1, 3, 2}, {2, 1, 3}, {2, 3, 1}, {3, 1, 2}, {3, 2, 1}}) {
    for (int signs = 0; signs < 8; ++signs) {
      std::array<int, 3> directions = order;
      for (int axis = 0; axis < 3; ++axis) directions[axis] *= signs >> axis & 1 ? -1 : 1;
      const Oriented grid(directions);
      const RasAxes axes = ras_axes(grid.view);
      for (std::int64_t r = 0; r < axes.shape[0]; ++r) {
        for (std::int64_t a = 0; a < axes.shape[1]; ++a) {
          for (std::int64_t s = 0; s < axes.shape[2]; ++s) {
            const std::ptrdiff_t offset =
                axes.origin + r * axes.stride[0] + a * axes.stride[1] + s * axes.stride[2];
            ASSERT_GE(offset, 0);
            ASSERT_LT(offset, 24);
            const auto world = world_of(grid.view, offset);
            EXPECT_DOUBLE_EQ(world[0], axes.slice_mm(0, r));
            EXPECT_DOUBLE_EQ(world[1], axes.slice_mm(1, a));
            EXPECT_DOUBLE_EQ(world[2], axes.slice_mm(2, s));
          }
        }
      }
      EXPECT_GT(axes.step_mm[0], 0);
    }
  }
}

TEST(VoxelViewTest, AnObliqueGridIsNamedByItsClosestAxes) {
  const double angle = 0.4;
  Oriented grid({1, 2, 3}, {2, 2, 2});
  auto& m = grid.view.world_from_voxel;
  m[1][1] = m[2][2] = 2 * std::cos(angle);
  m[2][1] = 2 * std::sin(angle);
  m[1][2] = -m[2][1];
  const RasAxes axes = ras_axes(grid.view);
  EXPECT_EQ(axes.voxel_axis, (std::array{0, 1, 2}));
  EXPECT_NEAR(axes.spacing_mm[1], 2, 1e-12);
  EXPECT_NEAR(axes.step_mm[2], 2 * std::cos(angle), 1e-12);
  // The centre of slice k = 1: half-way along i and j.
  EXPECT_NEAR(axes.slice_mm(2, 1), 30 + m[2][1] * 1 + m[2][2] * 1, 1e-12);
}

TEST(VoxelViewTest, RefusesGridsThatAreNone) {
  Oriented singular({1, 2, 3});
  singular.view.world_from_voxel[0][0] = 0;
  EXPECT_THROW(ras_axes(singular.view), std::invalid_argument);
  Oriented not_a_number({1, 2, 3});
  not_a_number.view.world_from_voxel[0][0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(ras_axes(not_a_number.view), std::invalid_argument);
  Oriented empty({1, 2, 3});
  empty.view.shape[1] = 0;
  EXPECT_THROW(ras_axes(empty.view), std::invalid_argument);
  Oriented short_labels({1, 2, 3});
  const std::vector<std::uint8_t> labels(23);
  short_labels.view.labels = std::span<const std::uint8_t>(labels);
  EXPECT_THROW(ras_axes(short_labels.view), std::invalid_argument);
}

}  // namespace
}  // namespace hypersynth
