#include "image/orientation.h"

#include <algorithm>
#include <random>
#include <stdexcept>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

/// A grid of odd shape whose voxel axes are `axes` of a slightly oblique frame, flipped by the bits
/// of `flips`.
Grid oriented_grid(const std::array<std::size_t, 3>& axes, unsigned flips) {
  const double frame[3][3] = {{1.1, 0.1, -0.05}, {-0.12, 0.9, 0.2}, {0.06, -0.15, 2.5}};
  Grid grid;
  const std::array<std::int64_t, 3> shape = {37, 5, 66};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    grid.shape[axis] = shape[axes[axis]];
    const double sign = (flips >> axis & 1U) != 0 ? -1 : 1;
    for (std::size_t row = 0; row < 3; ++row) {
      grid.world_from_voxel[row][axis] = sign * frame[row][axes[axis]];
    }
  }
  for (std::size_t row = 0; row < 3; ++row) {
    grid.world_from_voxel[row][3] = 10.5 * static_cast<double>(row) - 40;
  }
  return grid;
}

std::vector<Grid> all_48_orientations() {
  std::vector<Grid> grids;
  std::array<std::size_t, 3> axes = {0, 1, 2};
  do {
    for (unsigned flips = 0; flips < 8; ++flips) grids.push_back(oriented_grid(axes, flips));
  } while (std::next_permutation(axes.begin(), axes.end()));
  return grids;
}

LabelMap numbered(const Grid& grid) {
  LabelMap volume(grid);
  std::int32_t next = 0;
  for (auto& voxel : volume.voxels) voxel = next++;
  return volume;
}

TEST(OrientationTest, AllOrientationsComeBackFromRasExactly) {
  const auto grids = all_48_orientations();
  ASSERT_EQ(grids.size(), 48u);
  for (const Grid& grid : grids) {
    const LabelMap volume = numbered(grid);
    for (const int threads : {1, 3}) {
      const LabelMap back = from_ras(to_ras(volume, threads), grid, threads);
      EXPECT_EQ(back.voxels, volume.voxels);
      EXPECT_EQ(back.grid.shape, volume.grid.shape);
    }
  }
}

TEST(OrientationTest, RasKeepsEveryVoxelWhereItIsInTheWorld) {
  for (const Grid& grid : all_48_orientations()) {
    const LabelMap volume = numbered(grid);
    const LabelMap ras = to_ras(volume);
    const Affine voxel_from_ras =
        multiply(inverse(grid.world_from_voxel), ras.grid.world_from_voxel);
    for (const std::array<std::int64_t, 3>& index :
         {std::array<std::int64_t, 3>{0, 0, 0}, std::array<std::int64_t, 3>{36, 4, 65},
          std::array<std::int64_t, 3>{7, 3, 41}}) {
      const auto position =
          transform(voxel_from_ras, {static_cast<double>(index[0]), static_cast<double>(index[1]),
                                     static_cast<double>(index[2])});
      std::array<std::int64_t, 3> source{};
      for (std::size_t axis = 0; axis < 3; ++axis) {
        source[axis] = std::llround(position[axis]);
        ASSERT_NEAR(position[axis], static_cast<double>(source[axis]), 1e-9);
      }
      EXPECT_EQ(ras.at(index[0], index[1], index[2]), volume.at(source[0], source[1], source[2]));
    }
  }
}

TEST(OrientationTest, AllOrientationsOfAnImageHaveTheSameRasGrid) {
  const Grid expected = oriented_grid({0, 1, 2}, 0);
  for (const Grid& grid : all_48_orientations()) {
    const Grid ras = ras_grid(grid);
    EXPECT_EQ(ras.shape, expected.shape);
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t column = 0; column < 3; ++column) {
        EXPECT_DOUBLE_EQ(ras.world_from_voxel[row][column], expected.world_from_voxel[row][column]);
      }
    }
  }
}

TEST(OrientationTest, ObliqueGridIsReorientedAsNibabelDoes) {
  Grid grid{{30, 40, 50},
            {{{0.3, -0.2, -2.1, 50}, {-0.9, 0.1, -0.4, 60}, {0.2, 1.1, -0.3, -70}, {0, 0, 0, 1}}}};
  grid.world_code = 2;
  const Grid ras = ras_grid(grid);
  // nibabel.as_closest_canonical(...).affine
  const double expected[3][4] = {
      {2.1, -0.3, -0.2, -44.2}, {0.4, 0.9, 0.1, 14.3}, {0.3, -0.2, 1.1, -78.9}};
  EXPECT_EQ(ras.shape, (std::array<std::int64_t, 3>{50, 30, 40}));
  EXPECT_EQ(ras.world_code, 2);
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 4; ++column) {
      EXPECT_NEAR(ras.world_from_voxel[row][column], expected[row][column], 1e-12);
    }
  }
}

TEST(OrientationTest, RasGridOfARasGridIsItself) {
  const Grid ras = ras_grid(oriented_grid({2, 0, 1}, 5));
  EXPECT_TRUE(same_grid(ras_grid(ras), ras, 0));
}

TEST(OrientationTest, VolumeOfAnotherShapeIsRefused) {
  const Grid grid = oriented_grid({2, 0, 1}, 5);
  EXPECT_THROW(from_ras(LabelMap(grid), grid), std::invalid_argument);
}

}  // namespace
}  // namespace hypersynth
