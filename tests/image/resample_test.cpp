#include "image/resample.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

Grid grid_at(const std::array<std::int64_t, 3>& shape, const std::array<double, 12>& affine) {
  Grid grid;
  grid.shape = shape;
  for (std::size_t i = 0; i < 12; ++i) grid.world_from_voxel[i / 4][i % 4] = affine[i];
  return grid;
}

Grid source_grid() { return grid_at({23, 19, 17}, {1, 0, 0, -10, 0, 1.2, 0, -9, 0, 0, 0.9, -8}); }

/// Targets that overlap the source partly, one for each way of resampling.
std::vector<Grid> target_grids() {
  return {grid_at({40, 30, 20}, {0.7, 0, 0, -12.03, 0, 0.8, 0, -9.33, 0, 0, 1.1, -9.04}),
          grid_at({20, 40, 30}, {0, 0.7, 0, -12.03, 0, 0, 0.8, -9.33, 1.1, 0, 0, -9.04}),
          grid_at({20, 40, 30}, {0, -0.7, 0, 12.03, 0, 0, -0.8, 9.33, -1.1, 0, 0, 9.04}),
          grid_at({30, 30, 30}, {0.7, 0.1, 0, -12.03, -0.2, 0.8, 0.1, -9.33, 0.1, 0, 0.9, -9.04}),
          grid_at({6, 7, 3}, {3, 0, 0, -9.04, 0, 3, 0, -9.04, 0, 0, 5, -8.06})};
}

Image random_image(const Grid& grid) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<float> uniform(0, 1);
  Image image(grid);
  for (auto& voxel : image.voxels) voxel = uniform(generator);
  return image;
}

/// The definition, voxel by voxel.
double interpolated(const Image& image, const std::array<double, 3>& position) {
  double sum = 0;
  std::array<std::int64_t, 3> lower{};
  std::array<double, 3> weight{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto last = static_cast<double>(image.grid.shape[axis] - 1);
    if (position[axis] < -0.5 || position[axis] > last + 0.5) return 0;
    const double inside = std::clamp(position[axis], 0.0, last);
    lower[axis] = static_cast<std::int64_t>(std::floor(inside));
    weight[axis] = inside - std::floor(inside);
  }
  for (std::size_t corner = 0; corner < 8; ++corner) {
    double share = 1;
    std::array<std::int64_t, 3> index{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const bool upper = (corner >> axis & 1U) != 0;
      share *= upper ? weight[axis] : 1 - weight[axis];
      index[axis] = std::min(lower[axis] + (upper ? 1 : 0), image.grid.shape[axis] - 1);
    }
    sum += share * static_cast<double>(image.at(index[0], index[1], index[2]));
  }
  return sum;
}

TEST(ResampleTest, EveryVoxelIsTheTrilinearInterpolationAtItsPlace) {
  const Image image = random_image(source_grid());
  for (const Grid& target : target_grids()) {
    const Affine source_from_target =
        multiply(inverse(image.grid.world_from_voxel), target.world_from_voxel);
    for (const int threads : {1, 2, 7}) {
      const Image result = resample(image, target, threads);
      for (std::int64_t k = 0; k < target.shape[2]; ++k) {
        for (std::int64_t j = 0; j < target.shape[1]; ++j) {
          for (std::int64_t i = 0; i < target.shape[0]; ++i) {
            const auto position =
                transform(source_from_target,
                          {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
            ASSERT_NEAR(result.at(i, j, k), interpolated(image, position), 1e-5);
          }
        }
      }
    }
  }
}

TEST(ResampleTest, LinearFunctionOfTheWorldIsReproduced) {
  const auto value = [](const std::array<double, 3>& world) {
    return 0.3 * world[0] - 0.2 * world[1] + 0.7 * world[2] + 4;
  };
  const Grid source = grid_at({40, 41, 42}, {1, 0.1, 0, -20, -0.1, 1, 0.2, -20, 0, 0, 1, -20});
  Image image(source);
  for (std::int64_t k = 0; k < 42; ++k) {
    for (std::int64_t j = 0; j < 41; ++j) {
      for (std::int64_t i = 0; i < 40; ++i) {
        image.at(i, j, k) = static_cast<float>(value(
            transform(source.world_from_voxel,
                      {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)})));
      }
    }
  }
  const Grid target = grid_at({9, 9, 9}, {0, 1, 0, -4, 0.8, 0, 0.1, -4, 0, 0.1, -1, 4});
  const Image result = resample(image, target);
  for (std::int64_t n = 0; n < 9; ++n) {
    const auto at = static_cast<double>(n);
    const auto world = transform(target.world_from_voxel, {at, 8 - at, 4});
    EXPECT_NEAR(result.at(n, 8 - n, 4), value(world), 1e-4);
  }
}

TEST(ResampleTest, VolumeOnTheSameGridIsCopiedBitByBit) {
  const Image image = random_image(source_grid());
  Grid target = source_grid();
  target.world_from_voxel[0][3] += 1e-5;
  EXPECT_EQ(resample(image, target).voxels, image.voxels);
}

TEST(ResampleTest, ShiftOfAHundredthOfAVoxelIsNoCopy) {
  const Image image = random_image(source_grid());
  Grid target = source_grid();
  target.world_from_voxel[0][3] += 0.01;
  EXPECT_NE(resample(image, target).voxels, image.voxels);
}

TEST(ResampleTest, BorderValueReachesHalfAVoxelOut) {
  const Image image(grid_at({4, 4, 4}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}), 3.0F);
  const Image result = resample(image, grid_at({5, 1, 1}, {0.3, 0, 0, -1, 0, 1, 0, 0, 0, 0, 1, 0}));
  EXPECT_EQ(result.voxels, (std::vector<float>{0, 0, 3, 3, 3}));
}

TEST(ResampleTest, TargetBesideTheSourceIsZero) {
  const Image image(source_grid(), 3.0F);
  for (Grid target : target_grids()) {
    target.world_from_voxel[1][3] += 1000;
    const Image result = resample(image, target);
    EXPECT_EQ(std::count(result.voxels.begin(), result.voxels.end(), 0.0F), target.voxel_count());
  }
}

TEST(ResampleTest, OneSliceIsAsThickAsItsVoxels) {
  const Image image(grid_at({4, 4, 1}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 5, 0}), 2.0F);
  const Image result = resample(image, grid_at({1, 1, 7}, {1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, -3}));
  EXPECT_EQ(result.voxels, (std::vector<float>{0, 2, 2, 2, 2, 2, 0}));
}

TEST(ResampleTest, AgreesWithScipyOnAnObliqueGrid) {
  // scipy.ndimage.map_coordinates(order=1), voxel value (i * 7 + j * 3 + k * 11) % 13
  const Grid source = grid_at({8, 9, 7}, {1.5, 0, 0.1, -5, 0, 1.1, 0, -4, -0.2, 0, 2, -6});
  Image image(source);
  for (std::int64_t k = 0; k < 7; ++k) {
    for (std::int64_t j = 0; j < 9; ++j) {
      for (std::int64_t i = 0; i < 8; ++i) {
        image.at(i, j, k) = static_cast<float>((i * 7 + j * 3 + k * 11) % 13);
      }
    }
  }
  const Grid target =
      grid_at({4, 3, 3}, {0.9, 0.2, 0, -1.2, -0.1, 1.3, 0.1, -1.7, 0.3, 0, 1.2, -2.1});
  const Image result = resample(image, target);
  EXPECT_NEAR(result.at(0, 0, 0), 5.2357243, 1e-5);
  EXPECT_NEAR(result.at(3, 1, 2), 4.4361810, 1e-5);
  EXPECT_NEAR(result.at(1, 2, 1), 3.8275195, 1e-5);
}

TEST(ResampleTest, CoarserTargetAveragesNoiseOnlyWithAntialiasing) {
  Image image(grid_at({60, 60, 60}, {0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0}));
  std::mt19937 generator(6);
  std::normal_distribution<float> normal;
  for (auto& voxel : image.voxels) voxel = normal(generator);
  const Grid target = grid_at({14, 14, 14}, {2, 0, 0, 1, 0, 2, 0, 1, 0, 0, 2, 1});
  const auto variance = [](const Image& of) {
    double sum = 0;
    for (const float voxel : of.voxels) sum += static_cast<double>(voxel) * voxel;
    return sum / static_cast<double>(of.voxels.size());
  };
  // Target voxels lie on source voxels. A Gaussian of s voxels leaves 1 / (2 sqrt(pi) s) of the
  // variance per axis; here s = sqrt(4^2 - 1) / 2.355 = 1.645, so 0.1715^3.
  EXPECT_NEAR(variance(resample(image, target)), 1, 0.1);
  EXPECT_NEAR(variance(resample_antialiased(image, target)), 0.00504, 0.001);
}

TEST(ResampleTest, FinerTargetNeedsNoAntialiasing) {
  const Image image = random_image(source_grid());
  for (const std::size_t which : {0, 2}) {
    Grid target = target_grids()[which];
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t column = 0; column < 3; ++column) {
        target.world_from_voxel[row][column] *= 0.5;
      }
    }
    EXPECT_EQ(resample_antialiased(image, target).voxels, resample(image, target).voxels);
  }
}

TEST(ResampleTest, VolumeOfAnotherSizeIsRefused) {
  std::vector<float> target;
  EXPECT_THROW(Resampler(source_grid(), source_grid()).resample({1, 2, 3}, target),
               std::invalid_argument);
}

/// Whether every corner of the field of view of `inner` lies in that of `outer`, to `slack` voxels.
bool covers(const Grid& outer, const Grid& inner, double slack) {
  const Affine outer_from_inner = multiply(inverse(outer.world_from_voxel), inner.world_from_voxel);
  for (std::size_t corner = 0; corner < 8; ++corner) {
    std::array<double, 3> position{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const bool far = (corner >> axis & 1U) != 0;
      position[axis] = far ? static_cast<double>(inner.shape[axis]) - 0.5 : -0.5;
    }
    const auto there = transform(outer_from_inner, position);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto end = static_cast<double>(outer.shape[axis]) - 0.5;
      if (there[axis] < -0.5 - slack || there[axis] > end + slack) return false;
    }
  }
  return true;
}

TEST(IsotropicGridTest, CoversTheFieldOfViewOfEverySource) {
  for (Grid source : target_grids()) {
    for (const double shear : {0.0, 0.3}) {
      source.world_from_voxel[0][1] += shear;
      const Grid grid = isotropic_grid(source, 1);
      EXPECT_TRUE(covers(grid, source, 2e-3));
      const auto spacing = spacing_mm(grid);
      for (const double size : spacing) EXPECT_NEAR(size, 1, 1e-9);
      EXPECT_NEAR(voxel_volume_mm3(grid), 1, 1e-9);
    }
  }
}

TEST(IsotropicGridTest, TheOriginIsOneThatNifti1CanHold) {
  Grid source;
  source.shape = {200, 200, 77};
  source.world_from_voxel = {
      {{0.7, 0, 0, -123.4}, {0, 0.7, 0, -700.2}, {0, 0, 3, -1203.3}, {0, 0, 0, 1}}};
  const Grid grid = isotropic_grid(source, 1);
  for (const auto& row : grid.world_from_voxel) EXPECT_EQ(row[3], static_cast<float>(row[3]));
}

TEST(IsotropicGridTest, GridOfThatSpacingIsKept) {
  const Grid grid = grid_at({181, 217, 181}, {1, 0, 0, -90, 0, 1, 0, -126, 0, 0, 1, -72});
  EXPECT_TRUE(same_grid(isotropic_grid(grid, 1), grid, 1e-9));
}

TEST(IsotropicGridTest, ThickSlicesAreDividedAroundTheSameCentre) {
  const Grid grid = grid_at({256, 256, 30}, {0.9, 0, 0, -115, 0, 0.9, 0, -115, 0, 0, 5, -70});
  const Grid isotropic = isotropic_grid(grid, 1);
  EXPECT_EQ(isotropic.shape, (std::array<std::int64_t, 3>{231, 231, 150}));
  EXPECT_NEAR(isotropic.world_from_voxel[2][3], -72, 1e-9);
}

}  // namespace
}  // namespace hypersynth
