#include <cmath>
#include <vector>

#include <ATen/ops/full.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include "engine/synthesis/synthetic_batch.h"
#include "engine/synthetic_fixture.h"

namespace hypersynth {
namespace {

const at::TensorOptions kFloat(at::kFloat);

/// One image [1,1,n,1].
at::Tensor image_of(const std::vector<float>& values) {
  return at::tensor(values, kFloat).view({1, 1, -1, 1});
}

void expect_values(const at::Tensor& image, const std::vector<double>& expected) {
  const auto flat = image.flatten();
  ASSERT_EQ(flat.numel(), static_cast<std::int64_t>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(value(flat[static_cast<std::int64_t>(i)]), expected[i], 1e-5) << i;
}

at::Tensor constant_bias(double factor) { return at::full({1, 1, 2, 2}, std::log(factor), kFloat); }

TEST(ApplyArtefactsTest, ClipsPaintThenScalesItByItsRange) {
  expect_values(apply_artefacts(image_of({-50, 0, 75, 300, 600}), {}), {0, 0, 0.25, 1, 1});
  expect_values(apply_artefacts(image_of({100, 150, 200}), {}), {0, 0.5, 1});
  Artefacts lower;
  lower.largest_value = 200;
  expect_values(apply_artefacts(image_of({0, 100, 400}), lower), {0, 0.5, 1});
}

TEST(ApplyArtefactsTest, EveryImageOfABatchIsScaledByItself) {
  const auto both = at::cat({image_of({0, 50, 100}), image_of({100, 200, 300})});
  expect_values(apply_artefacts(both, {}), {0, 0.5, 1, 0, 0.5, 1});
}

TEST(ApplyArtefactsTest, MultipliesByTheBiasFieldBeforeClipping) {
  Artefacts artefacts;
  artefacts.log_bias = constant_bias(2);
  expect_values(apply_artefacts(image_of({0, 100, 200}), artefacts), {0, 2.0 / 3, 1});
}

TEST(ApplyArtefactsTest, TheBiasFieldIsTheExponentialOfALinearlyEnlargedGrid) {
  Artefacts artefacts;
  artefacts.log_bias = at::zeros({1, 1, 2, 2, 2}, kFloat);
  artefacts.log_bias.select(2, 1).fill_(std::log(2.0));
  const auto image = apply_artefacts(at::full({1, 1, 9, 4, 5}, 100, kFloat), artefacts);
  for (std::int64_t i = 0; i < 9; ++i) {
    const auto plane = image[0][0][i];
    const double expected = std::exp2(static_cast<double>(i) / 8) - 1;
    EXPECT_NEAR(value((plane - expected).abs().max()), 0, 1e-5);
  }
}

TEST(ApplyArtefactsTest, RaisesTheScaledImageToItsExponent) {
  Artefacts artefacts;
  artefacts.gamma = at::full({1}, 2, kFloat);
  expect_values(apply_artefacts(image_of({0, 75, 150, 300}), artefacts), {0, 0.0625, 0.25, 1});
}

TEST(ApplyArtefactsTest, FiltersAfterTheExponentAndScalesByPercentilesLast) {
  Artefacts artefacts;
  artefacts.gamma = at::full({1}, 2, kFloat);
  artefacts.filters = {at::full({1, 4, 4}, 0.25, kFloat)};
  const double mean = (0.0625 + 0.25 + 1) / 4;
  expect_values(apply_artefacts(image_of({0, 75, 150, 300}), artefacts), {mean, mean, mean, mean});
  artefacts.filters.clear();
  artefacts.percentiles = true;
  expect_values(apply_artefacts(image_of({0, 75, 150, 300}), artefacts), {0, 0.0625, 0.25, 1});
}

TEST(PercentilesTest, BecomeZeroAndOneAndTheRestIsClampedTo1Point2) {
  std::vector<float> values(1000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  values[999] = 1e6F;
  values[998] = 1100;
  const auto scaled = scale_by_percentiles(image_of(values)).flatten();
  EXPECT_EQ(value(scaled[0]), 0);
  EXPECT_NEAR(value(scaled[5]), 0, 1e-6);
  EXPECT_NEAR(value(scaled[994]), 1, 1e-6);
  EXPECT_NEAR(value(scaled[500]), 495.0 / 989, 1e-6);
  EXPECT_NEAR(value(scaled[998]), 1095.0 / 989, 1e-6);
  EXPECT_NEAR(value(scaled[999]), 1.2, 1e-6);
}

TEST(PercentilesTest, OfALargeImageComeFromARegularSampleOfIt) {
  auto generator = seeded(5);
  const auto image = at::rand({1, 1, 512, 512}, generator, kFloat) * 200 + 50;
  const auto scaled = scale_by_percentiles(image);
  // The sample has 52,429 voxels: its 0.5 % rank is known to 6 % of itself.
  const double expected = (150 - 51) / (249 - 51.0);
  EXPECT_NEAR(value(scaled.mean()), expected, 0.002);
}

}  // namespace
}  // namespace hypersynth
