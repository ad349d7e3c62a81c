#include "engine/synthesis/acquisition.h"

#include <cmath>

#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <gtest/gtest.h>

#include "engine/distributions.h"
#include "engine/synthetic_fixture.h"

namespace hypersynth {
namespace {

constexpr std::int64_t kImages = 4000;
const at::TensorOptions kFloat(at::kFloat);
const std::vector<std::vector<std::int64_t>> kPatches{{32, 24}, {32, 24, 16}};

struct Drawn {
  at::Tensor slice_mm, thickness_mm;  // [N,axes]
  at::Tensor isotropic, native;       // [N]
};

Drawn drawn_with(const SynthesisOptions& options) {
  auto generator = seeded(12);
  const auto resolution = random_resolution(options, kImages, generator, kFloat);
  const auto low = resolution.slice_mm > options.spacing_mm;
  return {resolution.slice_mm, resolution.thickness_mm, low.all(1), low.any(1).logical_not()};
}

TEST(ResolutionTest, IsIsotropicNativeOrLowAlongOneAxisInTheStatedShares) {
  for (const auto& patch : kPatches) {
    const auto drawn = drawn_with(small_options(patch));
    expect_share(drawn.isotropic, 0.10);
    expect_share(drawn.native, 0.05);
    const auto axes = static_cast<std::int64_t>(patch.size());
    const auto low = (drawn.slice_mm > 1).to(at::kLong);
    const auto one_axis = low.sum(1) == 1;
    EXPECT_TRUE(one_axis.logical_or(drawn.isotropic).logical_or(drawn.native).all().item<bool>());
    for (std::int64_t axis = 0; axis < axes; ++axis)
      expect_share(one_axis.logical_and(low.select(1, axis) == 1),
                   0.85 / static_cast<double>(axes));
  }
}

TEST(ResolutionTest, FollowsItsRangesAndIsTheSameAlongAllAxesWhereItIsIsotropic) {
  for (const auto& patch : kPatches) {
    const auto drawn = drawn_with(small_options(patch));
    const auto largest = drawn.slice_mm.amax(1);
    expect_uniform(largest.masked_select(drawn.isotropic), 1, 4);
    const auto sliced = drawn.isotropic.logical_or(drawn.native).logical_not();
    expect_uniform(largest.masked_select(sliced), 1, 8);
    const auto spread = largest - drawn.slice_mm.amin(1);
    EXPECT_EQ(value(spread.masked_select(drawn.isotropic).max()), 0);
  }
}

TEST(ResolutionTest, SlicesAreAsThickAsTheyAreApartOrThinner) {
  for (const auto& patch : kPatches) {
    const auto drawn = drawn_with(small_options(patch));
    const auto low = drawn.native.logical_not();
    const auto apart = drawn.slice_mm.amax(1).masked_select(low) - 1;
    const auto thick = drawn.thickness_mm.amax(1).masked_select(low) - 1;
    expect_uniform(thick / apart, 0, 1);
    expect_uncorrelated(thick / apart, apart);
    const auto other = drawn.thickness_mm.masked_select(drawn.slice_mm == 1);
    EXPECT_EQ(value((other - 1).abs().max()), 0);
  }
}

TEST(ResolutionTest, BeginsAtTheVoxelsOfTheLabelMaps) {
  auto options = small_options({32, 32, 32});
  options.spacing_mm = 2;
  options.isotropic_probability = options.native_probability = 0;
  const auto drawn = drawn_with(options);
  expect_uniform(drawn.slice_mm.amax(1), 2, 8);
  EXPECT_EQ(value(drawn.slice_mm.min()), 2);
}

/// The filter along the first axis (32 voxels) at one resolution, in float32.
at::Tensor filter_at(const SynthesisOptions& options, double slice_mm, double thickness_mm) {
  Resolution resolution{at::full({1, 2}, options.spacing_mm, kFloat),
                        at::full({1, 2}, options.spacing_mm, kFloat)};
  resolution.slice_mm.select(1, 0).fill_(slice_mm);
  resolution.thickness_mm.select(1, 0).fill_(thickness_mm);
  const auto filters = acquisition_filters(options, resolution);
  const auto other = filters[1][0];
  EXPECT_EQ(value((other.diagonal() - 1).abs().max()), 0);
  EXPECT_EQ(value(other.sum()), static_cast<double>(other.size(0)));
  return filters[0][0];
}

TEST(FilterTest, BlursByThreeQuartersOfTheThicknessInVoxels) {
  for (const double spacing_mm : {1.0, 0.5}) {
    auto options = small_options({32, 24});
    options.spacing_mm = spacing_mm;
    // Hardly apart, so that the slices hide nothing of the blur.
    const auto filter = filter_at(options, spacing_mm * 1.0001, 2 * spacing_mm);
    const auto offsets = at::arange(32, kFloat) - 16;
    EXPECT_NEAR(value((filter[16] * offsets).sum()), 0, 1e-2);
    EXPECT_NEAR(value((filter[16] * offsets.square()).sum()), std::pow(0.75 * 2, 2), 1e-2);
  }
}

TEST(FilterTest, ReadsTheNearestVoxelOfEachSliceAndInterpolatesBetweenSlices) {
  auto options = small_options({32, 24});
  options.blur_factor = 0;
  const auto filter = filter_at(options, 5, 5);  // slices at voxels 2, 7, 12, ...
  EXPECT_EQ(value((filter.sum(0) > 0).sum()), 6);
  EXPECT_NEAR(value(filter[2][2]), 1, 1e-6);
  EXPECT_NEAR(value(filter[0][2]), 1, 1e-6);  // no slice before the first
  EXPECT_NEAR(value(filter[4][2]), 0.6, 1e-6);
  EXPECT_NEAR(value(filter[4][7]), 0.4, 1e-6);
  EXPECT_NEAR(value((filter.sum(1) - 1).abs().max()), 0, 1e-6);
}

Artefacts artefacts_of(const SynthesisOptions& options) {
  auto generator = seeded(13);
  return random_artefacts(options, kImages, generator, kFloat);
}

TEST(ArtefactsTest, TheBiasFieldHasAGridOfItsOwnDensity) {
  auto generator = seeded(13);
  const auto artefacts = random_artefacts(small_options({200, 90, 30}), 2, generator, kFloat);
  EXPECT_EQ(artefacts.log_bias.sizes(), (std::vector<std::int64_t>{2, 1, 5, 3, 2}));
}

TEST(ArtefactsTest, TheBiasFieldFollowsItsDistributionInTheStatedShareOfImages) {
  auto options = small_options({16, 16});
  options.bias_grid = 1;  // 256 values: each deviation is known to 4.4 % (one standard error)
  const auto bias = artefacts_of(options).log_bias.flatten(1);
  const auto biased = bias.abs().amax(1) > 0;
  expect_share(biased, 0.95);
  const auto deviations = bias.std(1).masked_select(biased);
  expect_uniform(deviations, 0, 0.7, 4 * 0.044 * 0.7);
  const auto normalised = bias / bias.std(1, true, true).clamp_min(1e-9);
  expect_normal(normalised.masked_select(biased.unsqueeze(1)).slice(0, 0, 256 * 20), 0, 1);
}

TEST(ArtefactsTest, TheLogarithmOfTheExponentIsNormal) {
  expect_normal(artefacts_of(small_options({16, 16})).gamma.log(), 0, 0.5);
}

TEST(ArtefactsTest, OneBatchIsDistributedAsManySingleImages) {
  const auto options = small_options({16, 16, 16});
  auto generator = seeded(14);
  std::vector<at::Tensor> gammas, resolutions;
  for (int n = 0; n < 1000; ++n) {
    const auto artefacts = random_artefacts(options, 1, generator, kFloat);
    gammas.push_back(artefacts.gamma[0].log());
    resolutions.push_back(random_resolution(options, 1, generator, kFloat).slice_mm[0]);
  }
  expect_normal(at::stack(gammas), 0, 0.5);
  const auto low = at::stack(resolutions) > 1;
  expect_share(low.all(1), 0.10);
  expect_share(low.any(1).logical_not(), 0.05);
}

}  // namespace
}  // namespace hypersynth
