#include "image/volume.h"

#include <random>
#include <stdexcept>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

TEST(VolumeTest, FirstIndexIsFastest) {
  const Image volume(Grid{{2, 3, 4}, {}}, 0.0F);
  EXPECT_EQ(volume.offset(1, 0, 0), 1u);
  EXPECT_EQ(volume.offset(0, 1, 0), 2u);
  EXPECT_EQ(volume.offset(0, 0, 1), 6u);
}

TEST(AffineTest, SpacingAndVolumeFollowTheColumns) {
  const Grid grid{{1, 1, 1}, {{{0, -2, 0, 5}, {1, 0, 0, 6}, {0, 0, 3, 7}, {0, 0, 0, 1}}}};
  const auto spacing = spacing_mm(grid);
  EXPECT_DOUBLE_EQ(spacing[0], 1);
  EXPECT_DOUBLE_EQ(spacing[1], 2);
  EXPECT_DOUBLE_EQ(spacing[2], 3);
  EXPECT_DOUBLE_EQ(voxel_volume_mm3(grid), 6);
}

TEST(AffineTest, InverseTimesAffineIsIdentityForRandomAffines) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<double> uniform(-2, 2);
  for (int trial = 0; trial < 200; ++trial) {
    Affine affine{};
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t column = 0; column < 4; ++column) affine[row][column] = uniform(generator);
      affine[row][row] += 6;
    }
    affine[3] = {0, 0, 0, 1};
    const Affine product = multiply(inverse(affine), affine);
    for (std::size_t row = 0; row < 4; ++row) {
      for (std::size_t column = 0; column < 4; ++column) {
        EXPECT_NEAR(product[row][column], row == column ? 1 : 0, 1e-12);
      }
    }
  }
}

TEST(AffineTest, SingularAffineHasNoInverse) {
  Affine affine{};
  affine[3][3] = 1;
  EXPECT_THROW(inverse(affine), std::domain_error);
}

}  // namespace
}  // namespace hypersynth
