#include "engine/generative_model.h"

#include <cmath>
#include <stdexcept>

#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <gtest/gtest.h>

#include "engine/spatial_deform.h"
#include "engine/synthetic_fixture.h"

namespace hypersynth {
namespace {

const at::TensorOptions kFloat(at::kFloat);

/// No change of geometry: the patch is the whole map.
SynthesisOptions still() {
  auto options = small_options({24, 24, 24});
  options.scaling = options.rotation_deg = options.shearing = options.velocity_std = 0;
  return options;
}

DeviceLabelMap whole(DeviceLabelMap map) {
  map.box = {{{0, 24}, {0, 24}, {0, 24}}};
  return map;
}

GenerativeModel model_of(const SynthesisOptions& options) {
  return GenerativeModel(options, small_table(), at::kCPU);
}

at::Tensor flips(bool flip) { return at::full({1}, flip, at::TensorOptions(at::kBool)); }

TEST(SampleLabelsTest, WithoutDeformationIsTheIdentity) {
  auto generator = seeded(1);
  const auto map = whole(small_map());
  const auto rows = model_of(still()).sample_labels({map}, flips(false), generator);
  EXPECT_TRUE(rows[0].equal(map.rows.to(at::kLong)));
}

TEST(SampleLabelsTest, FlippingCommutesWithSwappingTheSides) {
  auto generator = seeded(1);
  const auto map = whole(small_map());
  const auto mirrored = model_of(still()).sample_labels({map}, flips(true), generator)[0];
  const auto by_hand = map.rows.to(at::kLong).flip(0);
  EXPECT_TRUE((mirrored == 1).equal(by_hand == 2));
  EXPECT_TRUE((mirrored == 2).equal(by_hand == 1));
  EXPECT_TRUE((mirrored == 3).equal(by_hand == 3));
}

TEST(SampleLabelsTest, InventsNoLabelUnderAnyDeformation) {
  auto options = small_options({32, 16, 20});
  options.velocity_std = 8;
  options.velocity_grid = 0.2;
  auto map = small_map();
  map.rows.masked_fill_(map.rows == 3, 1);  // without the ventricle
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    auto generator = seeded(seed);
    const auto rows = model_of(options).sample_labels({map}, flips(seed % 2 == 0), generator);
    EXPECT_EQ(value((rows == 3).sum()), 0);
    EXPECT_EQ(value((rows < 0).logical_or(rows > 4).sum()), 0);
    EXPECT_GT(value((rows == 1).sum()), 0);
  }
}

TEST(DisplacementTest, OfNoVelocityIsZeroAndOtherwiseSmoothAndWithoutFolds) {
  auto options = small_options({32, 32});
  options.velocity_std = 0;
  auto generator = seeded(3);
  EXPECT_EQ(value(random_displacements(options, 2, generator, kFloat).abs().max()), 0);
  options.velocity_std = 4;
  const auto field = random_displacements(options, 16, generator, kFloat);
  EXPECT_GT(value(field.abs().max()), 0.5);
  // Jacobian of x + field by forward differences: positive everywhere.
  const auto dx = field.slice(2, 1) - field.slice(2, 0, -1);
  const auto dy = field.slice(3, 1) - field.slice(3, 0, -1);
  const auto x = dx.slice(3, 0, -1), y = dy.slice(2, 0, -1);
  const auto jacobian =
      (x.select(1, 0) + 1) * (y.select(1, 1) + 1) - x.select(1, 1) * y.select(1, 0);
  EXPECT_GT(value(jacobian.min()), 0);
}

TEST(AffineTest, StaysInItsRanges) {
  const auto options = small_options({32, 32, 32});
  auto generator = seeded(7);
  const auto affines = random_affines(options, 4000, generator, kFloat);
  const auto columns = affines.square().sum(1).sqrt();  // about the scale of each axis
  EXPECT_NEAR(value(columns.mean()), 1, 0.01);
  EXPECT_GT(value(columns.min()), 0.75);
  EXPECT_LT(value(columns.max()), 1.25);
  auto rigid = options;
  rigid.scaling = rigid.shearing = 0;
  const auto rotations = random_affines(rigid, 100, generator, kFloat);
  const auto product = rotations.matmul(rotations.transpose(1, 2));
  EXPECT_NEAR(value((product - product.mean(0)).abs().max()), 0, 1e-5);
}

TEST(PaintTest, ClassMeansAndDeviationsFollowTheirUniformRanges) {
  auto options = small_options({8, 8});
  options.background_zero = options.background_low = 0;
  const auto classes = at::full({600, 64, 64}, 1, at::TensorOptions(at::kLong));
  auto generator = seeded(9);
  const auto values = model_of(options).paint(classes, generator).flatten(1);
  const auto means = values.mean(1);
  EXPECT_NEAR(value(means.mean()), 125, 10);
  EXPECT_NEAR(value(means.std()), 250 / std::sqrt(12.0), 8);
  const auto deviations = values.std(1);
  EXPECT_NEAR(value(deviations.mean()), 15, 1.5);
  EXPECT_LT(value(deviations.max()), 31);
}

TEST(PaintTest, BackgroundIsZeroOrDarkInTheStatedShareOfImages) {
  auto generator = seeded(10);
  const auto classes = at::zeros({4000, 16, 16}, at::TensorOptions(at::kLong));
  const auto values = model_of(small_options({16, 16})).paint(classes, generator).flatten(1);
  const auto zero = values.abs().amax(1) == 0;
  EXPECT_NEAR(value(zero.to(at::kDouble).mean()), 0.05, 0.012);
  // Dark: 25 % by draw, plus 15/250 of the others by chance.
  const auto dark = (values.mean(1) < 15).logical_and(zero.logical_not());
  EXPECT_NEAR(value(dark.to(at::kDouble).mean()), 0.25 + 0.7 * 0.06, 0.03);
}

TEST(ArtefactsTest, BiasGammaAndResolutionFollowTheirRanges) {
  const std::int64_t n = 4000;
  auto generator = seeded(12);
  const auto options = small_options({16, 16});
  const auto artefacts = model_of(options).draw_artefacts(n, generator);
  const auto log_gamma = artefacts.gamma.log();
  EXPECT_NEAR(value(log_gamma.mean()), 0, 0.03);
  EXPECT_NEAR(value(log_gamma.std()), 0.5, 0.03);
  // Second moment of N(0, U(0,0.7)^2) in 95 % of images.
  EXPECT_NEAR(value(artefacts.log_bias.square().mean()), 0.95 * 0.49 / 3, 0.015);
  const auto untouched = [](const at::Tensor& filter) {
    return (filter.diagonal(0, 1, 2) - 1).abs().amax(1) < 1e-6;
  };
  const auto first = untouched(artefacts.filters[0]);
  const auto second = untouched(artefacts.filters[1]);
  const auto share = [](const at::Tensor& truth) { return value(truth.to(at::kDouble).mean()); };
  EXPECT_NEAR(share(first.logical_and(second)), 0.05, 0.015);
  EXPECT_NEAR(share(first.logical_not().logical_and(second.logical_not())), 0.10, 0.02);
  EXPECT_NEAR(share(first.logical_not().logical_and(second)), 0.425, 0.03);
}

TEST(ArtefactsTest, ScaleImagesToTheirRange) {
  auto generator = seeded(13);
  auto options = small_options({24, 24, 24});
  options.percentiles = false;
  const auto image = model_of(options).synthesise({small_map()}, generator).image;
  EXPECT_GE(value(image.min()), 0);
  EXPECT_LE(value(image.max()), 1);
  options.percentiles = true;
  const auto scaled = model_of(options).synthesise({small_map()}, generator).image;
  EXPECT_LE(value(scaled.max()), 1.2 + 1e-6);
  EXPECT_NEAR(value((scaled <= 0).to(at::kDouble).mean()), 0.005, 0.3);
}

TEST(SynthesiseTest, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const auto model = model_of(small_options({16, 16, 16}));
  const auto image = [&](std::uint64_t seed) {
    auto generator = seeded(seed);
    return model.synthesise({small_map(), small_map()}, generator);
  };
  EXPECT_TRUE(image(5).image.equal(image(5).image));
  EXPECT_TRUE(image(5).reference.equal(image(5).reference));
  EXPECT_FALSE(image(5).image.equal(image(6).image));
  EXPECT_FALSE(image(5).image[0].equal(image(5).image[1]));
}

TEST(SynthesiseTest, GivesSegmentationClassesOfEveryStructureIn2DAnd3D) {
  for (const auto& patch : {std::vector<std::int64_t>{24, 20}, {24, 20, 16}}) {
    auto generator = seeded(2);
    const auto batch = model_of(small_options(patch)).synthesise({small_map()}, generator);
    EXPECT_EQ(batch.reference.dim(), static_cast<std::int64_t>(patch.size()) + 1);
    EXPECT_EQ(batch.image.dim(), static_cast<std::int64_t>(patch.size()) + 2);
    EXPECT_EQ(batch.reference_classes, 4);
    EXPECT_EQ(value(batch.reference.max()), 3);
    EXPECT_EQ(value(batch.image.isfinite().logical_not().sum()), 0);
  }
}

TEST(SynthesiseTest, SkullStrippingPaintsExtracerebralTissueAsBackgroundAndKeepsTheReference) {
  auto options = still();
  options.skull_strip_probability = 1;
  options.flip_probability = 0;
  auto generator = seeded(2);
  const auto map = whole(small_map());
  const auto batch = model_of(options).synthesise({map}, generator);
  const auto tissue = map.rows == 4;
  EXPECT_EQ(value(batch.intensity_classes[0].masked_select(tissue).max()), 0);
  EXPECT_EQ(value((batch.reference[0] == 1).sum()), value((map.rows == 1).sum()));
}

TEST(SynthesisOptionsTest, EveryViolationIsReported) {
  auto options = small_options({4, 16});
  options.scaling = 1;
  options.flip_probability = 2;
  options.slice_mm = 0;
  EXPECT_EQ(options.check().size(), 4u);
  EXPECT_THROW(model_of(options), std::invalid_argument);
}

}  // namespace
}  // namespace hypersynth
