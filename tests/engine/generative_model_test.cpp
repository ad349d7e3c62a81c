#include "engine/synthesis/generative_model.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <gtest/gtest.h>

#include "engine/data/packed_data.h"
#include "engine/distributions.h"
#include "engine/synthetic_fixture.h"

namespace hypersynth {
namespace {

const std::vector<std::vector<std::int64_t>> kPatches{{16, 24}, {16, 24, 8}};

/// No change of geometry.
SynthesisOptions still(std::vector<std::int64_t> patch = {24, 24, 24}) {
  auto options = small_options(std::move(patch));
  options.scaling = options.rotation_deg = options.shearing = options.velocity_std = 0;
  return options;
}

/// The patch is the whole map.
DeviceLabelMap whole(DeviceLabelMap map) {
  map.box = {{{0, 24}, {0, 24}, {0, 24}}};
  return map;
}

GenerativeModel model_of(const SynthesisOptions& options) {
  return GenerativeModel(options, small_table(), at::kCPU);
}

at::Tensor flips(bool flip, std::int64_t images = 1) {
  return at::full({images}, flip, at::TensorOptions(at::kBool));
}

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
  for (const auto& patch : kPatches) {
    auto options = small_options(patch);
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
}

/// A table of `rows` structures on the midline.
LabelTable long_table(int rows) {
  std::string text = "index\tname\tcontralateral\tintensity_class\tsegmentation_index\n";
  for (int i = 0; i < rows; ++i) {
    const auto n = std::to_string(i);
    text += n + "\tstructure " + n + "\t" + n + "\t" + n + "\t" + n + "\n";
  }
  return parse_label_table(text, "labels.tsv");
}

/// Where along `axis` the voxel (4,4,4) of 9^3 (or 9^2) patches comes from: the labels of the map
/// are its own coordinates.
at::Tensor centres(const VoxelRanges& box, std::int64_t axis, std::size_t dimensions,
                   std::int64_t images) {
  const std::int64_t shape[] = {60, 50, 40};
  std::vector<std::int64_t> along{1, 1, 1};
  along[static_cast<std::size_t>(axis)] = shape[axis];
  const auto ramp = at::arange(shape[axis], at::TensorOptions(at::kByte)).view(along);
  const DeviceLabelMap map{ramp.expand(shape).contiguous(), box};
  auto options = still(std::vector<std::int64_t>(dimensions, 9));
  const GenerativeModel model(options, long_table(60), at::kCPU);
  auto generator = seeded(21);
  const std::vector<DeviceLabelMap> maps(static_cast<std::size_t>(images), map);
  auto rows = model.sample_labels(maps, flips(false, images), generator);
  while (rows.dim() > 1) rows = rows.select(1, 4);
  return rows;
}

/// Rounded values of U(low, high): shares of the whole numbers.
void expect_rounded_uniform(const at::Tensor& values, double low, double high) {
  EXPECT_EQ(value(values.min()), std::round(low));
  EXPECT_EQ(value(values.max()), std::round(high));
  for (double n = std::round(low); n <= std::round(high); ++n) {
    const double width = std::min(high, n + 0.5) - std::max(low, n - 0.5);
    expect_share(values == n, width / (high - low));
  }
}

TEST(CropTest, LiesAnywhereInTheBoxOfTheStructures) {
  const VoxelRanges box{{{10, 45}, {5, 40}, {8, 30}}};
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    const auto& range = box[static_cast<std::size_t>(axis)];
    expect_rounded_uniform(centres(box, axis, 3, 2000), static_cast<double>(range[0]) + 4,
                           static_cast<double>(range[1]) - 5);
  }
}

TEST(CropTest, HoldsTheStructuresWhereTheyAreSmaller) {
  const VoxelRanges box{{{20, 23}, {20, 29}, {15, 20}}};
  expect_rounded_uniform(centres(box, 0, 3, 2000), 18, 24);
  expect_rounded_uniform(centres(box, 2, 3, 2000), 15, 19);
  const auto fixed = centres(box, 1, 3, 100);
  EXPECT_TRUE((fixed == 24).all().item<bool>());
}

TEST(CropTest, SlicesOf2DImagesComeFromBetweenTheMargins) {
  const VoxelRanges box{{{10, 45}, {5, 40}, {8, 30}}};
  expect_rounded_uniform(centres(box, 2, 2, 4000), 0.15 * 39, 0.85 * 39);
  expect_rounded_uniform(centres(box, 0, 2, 2000), 14, 40);
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

TEST(SynthesiseTest, EveryImageOfABatchComesFromItsOwnMap) {
  auto ventricle = whole(small_map()), background = whole(small_map());
  ventricle.rows.fill_(3);
  background.rows.fill_(0);
  for (const auto& patch : kPatches) {
    auto generator = seeded(3);
    const auto batch =
        model_of(still(patch)).synthesise({background, ventricle, background}, generator);
    for (std::int64_t n = 0; n < 3; ++n) {
      const auto expected = n == 1 ? 2 : 0;  // classes: background, left, ventricle, right
      EXPECT_TRUE((batch.reference[n] == expected).all().item<bool>());
    }
  }
}

/// Many small images with a marker that only lies on the left.
SyntheticBatch many(const SynthesisOptions& options, std::int64_t images) {
  auto map = whole(small_map());
  map.rows.fill_(4);
  map.rows.slice(0, 0, 12).fill_(3);
  auto generator = seeded(31);
  const std::vector<DeviceLabelMap> maps(static_cast<std::size_t>(images), map);
  return model_of(options).synthesise(maps, generator);
}

TEST(SynthesiseTest, MirrorsHalfOfTheImages) {
  for (const auto& patch : {std::vector<std::int64_t>{24, 24}, {24, 24, 8}}) {
    const auto batch = many(still(patch), 600);
    const auto corner = batch.reference.select(1, 0).flatten(1).select(1, 0);
    expect_share(corner == 0, 0.5);
    auto never = still(patch);
    never.flip_probability = 0;
    EXPECT_EQ(value(many(never, 20).reference.select(1, 0).min()), 2);
  }
}

TEST(SynthesiseTest, StripsTheSkullInTheStatedShareOfImagesWhateverElseIsDrawn) {
  for (const auto& patch : {std::vector<std::int64_t>{24, 24}, {24, 24, 8}}) {
    const auto batch = many(still(patch), 1000);
    const auto stripped = (batch.intensity_classes == 4).flatten(1).any(1).logical_not();
    expect_share(stripped, 0.25);
    const auto mirrored = batch.reference.select(1, 0).flatten(1).select(1, 0) == 0;
    expect_uncorrelated(stripped, mirrored);
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

/// Without artefacts the contrast of two classes is what was drawn for them.
TEST(SynthesiseTest, ImagesOfABatchHaveIndependentContrasts) {
  auto options = still({24, 24});
  options.bias_probability = options.isotropic_probability = options.gamma_std = 0;
  options.native_probability = 1;
  options.flip_probability = options.skull_strip_probability = 0;
  options.class_deviation = 0;
  const auto batch = many(options, 1000);
  // Scaled by its range, an image of two classes is 0 and 1: which is which is a fair coin.
  const auto first = batch.image.select(2, 0).flatten(1).select(1, 0);
  expect_share(first > 0.5, 0.5);
  expect_uncorrelated(first.slice(0, 1), first.slice(0, 0, -1));
}

TEST(SynthesiseTest, ScalesImagesToTheirRangeOrTheirPercentiles) {
  for (const auto& patch : kPatches) {
    auto generator = seeded(13);
    auto options = small_options(patch);
    options.percentiles = false;
    options.native_probability = 1;
    options.isotropic_probability = 0;
    const auto image = model_of(options).synthesise({small_map()}, generator).image;
    EXPECT_NEAR(value(image.min()), 0, 1e-2);  // x^gamma from 1e-5 on
    EXPECT_NEAR(value(image.max()), 1, 1e-6);
    options.percentiles = true;
    const auto scaled = model_of(options).synthesise({small_map()}, generator).image;
    EXPECT_EQ(value(scaled.min()), 0);
    EXPECT_GE(value(scaled.max()), 1);
    EXPECT_LE(value(scaled.max()), 1.2 + 1e-6);
  }
}

TEST(SynthesisOptionsTest, EveryViolationIsReported) {
  auto options = small_options({4, 16});
  options.scaling = 1;
  options.flip_probability = 2;
  options.slice_mm = 0;
  EXPECT_EQ(options.check().size(), 4u);
  EXPECT_THROW(model_of(options), std::invalid_argument);
}

TEST(SynthesisOptionsTest, ValuesThatAreNotFiniteAreViolations) {
  for (double SynthesisOptions::*field :
       {&SynthesisOptions::spacing_mm, &SynthesisOptions::scaling, &SynthesisOptions::rotation_deg,
        &SynthesisOptions::velocity_std, &SynthesisOptions::class_mean,
        &SynthesisOptions::background_low, &SynthesisOptions::dark_mean,
        &SynthesisOptions::bias_grid, &SynthesisOptions::largest_value,
        &SynthesisOptions::gamma_std, &SynthesisOptions::isotropic_mm,
        &SynthesisOptions::slice_margin}) {
    auto options = small_options({16, 16});
    options.*field = std::nan("");
    EXPECT_FALSE(options.check().empty());
  }
}

}  // namespace
}  // namespace hypersynth
