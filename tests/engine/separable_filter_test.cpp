#include "engine/synthesis/separable_filter.h"

#include <cmath>

#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <gtest/gtest.h>

#include "engine/synthetic_fixture.h"

namespace hypersynth {
namespace {

const at::TensorOptions kDouble(at::kDouble);

TEST(GaussianMatrixTest, KeepsConstantsAndSpreadsAPointByItsVariance) {
  const auto matrix = gaussian_matrix(at::full({1}, 2.0, kDouble), 41);
  EXPECT_NEAR(value((matrix.sum(2) - 1).abs().max()), 0, 1e-12);
  const auto position = at::arange(41, kDouble) - 20;
  const double variance = value((matrix[0][20] * position * position).sum());
  EXPECT_NEAR(variance, 4, 1e-6);
}

TEST(GaussianMatrixTest, OfZeroIsTheIdentity) {
  const auto matrix = gaussian_matrix(at::zeros({1}, kDouble), 9);
  EXPECT_EQ(value((matrix[0].diagonal() - 1).abs().max()), 0);
  EXPECT_EQ(value(matrix.sum()), 9);
}

TEST(ResamplingMatrixTest, IsTheIdentityAtItsOwnResolution) {
  const auto matrix = resampling_matrix(at::full({2}, 1.0, kDouble), 12);
  EXPECT_EQ(value((matrix[1].diagonal() - 1).abs().max()), 0);
  EXPECT_EQ(value(matrix.sum()), 24);
}

TEST(ResamplingMatrixTest, RowsSumToOneAndReadOnlyOneVoxelPerSlice) {
  auto generator = seeded(4);
  const auto steps = at::rand({20}, generator, kDouble) * 7 + 1;
  const auto matrix = resampling_matrix(steps, 32);
  EXPECT_NEAR(value((matrix.sum(2) - 1).abs().max()), 0, 1e-12);
  for (std::int64_t n = 0; n < 20; ++n) {
    const double read = value((matrix[n].sum(0) > 0).sum());
    EXPECT_LE(read, std::floor(32 / value(steps[n])));
    EXPECT_GE(read, 1);
  }
}

TEST(FilterAxesTest, FiltersEachAxisByItself) {
  auto generator = seeded(5);
  const auto image = at::rand({2, 1, 5, 6, 7}, generator, kDouble);
  const auto swap = at::zeros({2, 6, 6}, kDouble);
  for (int i = 0; i < 6; ++i) swap.select(1, i).select(1, 5 - i).fill_(1);
  EXPECT_TRUE(filter_axes(image, {{}, swap, {}}).equal(image.flip(3)));
}

}  // namespace
}  // namespace hypersynth
