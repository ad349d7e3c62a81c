#include "image/bias_field_itk.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "core/error.h"

namespace hypersynth {
namespace {

/// A ball of two tissues with noise, under a field that is known.
struct Phantom {
  Image image;
  Mask mask;
  std::vector<double> field;
};

Phantom phantom(double strength) {
  Grid grid{{80, 90, 70}, {{{0, 0, 2, -70}, {-2, 0.3, 0, 90}, {0, 2, 0, -90}, {0, 0, 0, 1}}}};
  Phantom result{Image(grid), Mask(grid), {}};
  std::mt19937 generator(1);
  std::normal_distribution<double> noise(0, 3);
  for (std::int64_t k = 0; k < 70; ++k) {
    for (std::int64_t j = 0; j < 90; ++j) {
      for (std::int64_t i = 0; i < 80; ++i) {
        const double x = (static_cast<double>(i) - 40) / 38;
        const double y = (static_cast<double>(j) - 45) / 43;
        const double z = (static_cast<double>(k) - 35) / 33;
        const double radius = std::hypot(x, y, z);
        const double field = std::exp(strength * (0.5 * x - 0.4 * y * y + 0.3 * z * x));
        result.field.push_back(field);
        if (radius > 1) continue;
        const double folds = std::sin(9 * x) * std::sin(8 * y) * std::sin(10 * z);
        const double tissue = radius < 0.8 && folds < 0.2 ? 150 : 100;
        const std::size_t v = result.image.offset(i, j, k);
        result.mask.voxels[v] = 7;
        result.image.voxels[v] =
            static_cast<float>(std::max(1.0, tissue * field + noise(generator)));
      }
    }
  }
  return result;
}

/// Standard deviation over mean of the ratio of two fields over the mask.
double disagreement(const Phantom& truth, const std::vector<float>& field) {
  double sum = 0;
  double squares = 0;
  double count = 0;
  for (std::size_t v = 0; v < field.size(); ++v) {
    if (truth.mask.voxels[v] == 0) continue;
    const double ratio = static_cast<double>(field[v]) / truth.field[v];
    sum += ratio;
    squares += ratio * ratio;
    ++count;
  }
  const double mean = sum / count;
  return std::sqrt(squares / count - mean * mean) / mean;
}

/// As many samples as the two tissues of the phantom need; the defaults suit one tissue.
N4Options for_two_tissues() {
  N4Options options;
  options.samples = 4000;
  options.control_spacing_mm = 200;
  return options;
}

TEST(BiasFieldTest, KnownFieldIsFoundWithGeometricMeanOne) {
  const Phantom truth = phantom(0.6);
  ASSERT_GT(disagreement(truth, std::vector<float>(truth.field.size(), 1.0F)), 0.14);
  const Image field = estimate_bias_field(truth.image, truth.mask, for_two_tissues());
  EXPECT_TRUE(same_grid(field.grid, truth.image.grid, 0));
  EXPECT_LT(disagreement(truth, field.voxels), 0.03);
  double sum = 0;
  double count = 0;
  for (std::size_t v = 0; v < field.voxels.size(); ++v) {
    if (truth.mask.voxels[v] == 0) continue;
    sum += std::log(static_cast<double>(field.voxels[v]));
    ++count;
  }
  EXPECT_NEAR(sum / count, 0, 1e-4);
}

TEST(BiasFieldTest, ImageWithoutFieldKeepsItsIntensities) {
  const Phantom truth = phantom(0);
  const Image field = estimate_bias_field(truth.image, truth.mask, for_two_tissues());
  EXPECT_LT(disagreement(truth, field.voxels), 0.02);
}

TEST(BiasFieldTest, OneTissueOfSeveralIsEnoughForTheFieldOfAll) {
  const Phantom truth = phantom(0.6);
  Mask brighter(truth.mask.grid);
  for (std::size_t v = 0; v < brighter.voxels.size(); ++v) {
    const double tissue = static_cast<double>(truth.image.voxels[v]) / truth.field[v];
    brighter.voxels[v] = truth.mask.voxels[v] != 0 && tissue > 125;
  }
  const Image field = estimate_bias_field(truth.image, brighter, truth.mask);
  EXPECT_LT(disagreement(truth, field.voxels), 0.03);
}

TEST(BiasFieldTest, FarFromTheRegionThereIsNoField) {
  const Phantom truth = phantom(0.6);
  Mask lower_half = truth.mask;
  std::fill(lower_half.voxels.begin() + static_cast<std::ptrdiff_t>(truth.image.offset(0, 0, 35)),
            lower_half.voxels.end(), std::uint8_t{0});
  const Image field = estimate_bias_field(truth.image, lower_half, lower_half);
  EXPECT_EQ(field.at(40, 45, 60), 1.0F);
  EXPECT_NE(field.at(40, 45, 20), 1.0F);
}

TEST(BiasFieldTest, SlicesAndTheirVoxelSizesAreTakenAsTheyAre) {
  const Phantom truth = phantom(0.6);
  Phantom slice{Image(Grid{{80, 90, 1}, truth.image.grid.world_from_voxel}),
                Mask(Grid{{80, 90, 1}, truth.image.grid.world_from_voxel}),
                {}};
  const std::size_t begin = truth.image.offset(0, 0, 35);
  for (std::size_t v = 0; v < slice.image.voxels.size(); ++v) {
    slice.image.voxels[v] = truth.image.voxels[begin + v];
    slice.mask.voxels[v] = truth.mask.voxels[begin + v];
    slice.field.push_back(truth.field[begin + v]);
  }
  const Image field = estimate_bias_field(slice.image, slice.mask, for_two_tissues());
  EXPECT_LT(disagreement(slice, field.voxels), 0.06);
}

TEST(BiasFieldTest, ConstantIntensityHasNoField) {
  const Grid grid{{40, 40, 40}, {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}}};
  const Image field = estimate_bias_field(Image(grid, 5.0F), Mask(grid, 1));
  EXPECT_EQ(std::count(field.voxels.begin(), field.voxels.end(), 1.0F), grid.voxel_count());
}

TEST(BiasFieldTest, WhatItkCannotFitIsOneOfOurErrors) {
  const Phantom truth = phantom(0.6);
  N4Options options;
  options.iterations = {};
  EXPECT_THROW(
      {
        try {
          estimate_bias_field(truth.image, truth.mask, options);
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ExitCode::kInternal);
          EXPECT_EQ(std::string(error.what()).rfind("bias field: ", 0), 0u) << error.what();
          throw;
        }
      },
      Error);
}

TEST(BiasFieldTest, MaskWithoutPositiveVoxelsIsRefused) {
  const Grid grid{{40, 40, 40}, {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}}};
  EXPECT_THROW(estimate_bias_field(Image(grid, 5.0F), Mask(grid)), std::invalid_argument);
  EXPECT_THROW(estimate_bias_field(Image(grid, -5.0F), Mask(grid, 1)), std::invalid_argument);
  EXPECT_THROW(estimate_bias_field(Image(grid, 5.0F), Mask(Grid{{1, 1, 1}, {}})),
               std::invalid_argument);
}

}  // namespace
}  // namespace hypersynth
