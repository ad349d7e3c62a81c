#include "engine/synthesis/intensity_model.h"

#include <cmath>

#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randint.h>
#include <gtest/gtest.h>

#include "engine/distributions.h"
#include "engine/synthetic_fixture.h"

namespace hypersynth {
namespace {

constexpr std::int64_t kImages = 4000;
const at::TensorOptions kFloat(at::kFloat);

ClassIntensities intensities_of(const SynthesisOptions& options) {
  auto generator = seeded(9);
  return random_intensities(options, kImages, 3, generator, kFloat);
}

TEST(IntensitiesTest, MeansAndDeviationsAreUniformAndIndependent) {
  const auto drawn = intensities_of({});
  for (std::int64_t k = 1; k < 3; ++k) {
    expect_uniform(drawn.mean.select(1, k), 0, 250);
    expect_uniform(drawn.deviation.select(1, k), 0, 30);
    expect_uncorrelated(drawn.mean.select(1, k), drawn.deviation.select(1, k));
  }
  expect_uncorrelated(drawn.mean.select(1, 1), drawn.mean.select(1, 2));
}

TEST(IntensitiesTest, TheBackgroundIsZeroInTheStatedShareOfImages) {
  const auto drawn = intensities_of({});
  const auto zero = drawn.mean.select(1, 0) == 0;
  expect_share(zero, 0.05);
  EXPECT_TRUE(zero.equal(drawn.deviation.select(1, 0) == 0));
}

TEST(IntensitiesTest, TheBackgroundIsDarkInTheStatedShareOfImages) {
  const auto drawn = intensities_of({});
  const auto mean = drawn.mean.select(1, 0), deviation = drawn.deviation.select(1, 0);
  const auto dark = (mean < 15).logical_and(deviation < 5).logical_and(mean > 0);
  // 25 % by draw; of the other 70 % those that are as dark by chance.
  expect_share(dark, 0.25 + 0.7 * (15.0 / 250) * (5.0 / 30));
}

TEST(IntensitiesTest, ADarkBackgroundHasItsOwnRanges) {
  SynthesisOptions options;
  options.background_zero = 0;
  options.background_low = 1;
  const auto drawn = intensities_of(options);
  expect_uniform(drawn.mean.select(1, 0), 0, 15);
  expect_uniform(drawn.deviation.select(1, 0), 0, 5);
  expect_uncorrelated(drawn.mean.select(1, 0), drawn.deviation.select(1, 0));
  expect_uniform(drawn.mean.select(1, 1), 0, 250);
}

TEST(PaintTest, EveryClassHasTheMeanAndDeviationDrawnForItsImage) {
  SynthesisOptions options;
  options.background_zero = 0;
  auto generator = seeded(10);
  for (const auto& shape : {std::vector<std::int64_t>{6, 256, 256}, {6, 40, 40, 40}}) {
    const auto drawn = random_intensities(options, 6, 3, generator, kFloat);
    const auto classes = at::randint(3, shape, generator, at::TensorOptions(at::kLong));
    const auto image = paint(classes, drawn, generator).squeeze(1);
    ASSERT_EQ(image.sizes(), classes.sizes());
    for (std::int64_t n = 0; n < 6; ++n) {
      for (std::int64_t k = 0; k < 3; ++k) {
        const auto values = image[n].masked_select(classes[n] == k);
        const double mean = value(drawn.mean[n][k]), deviation = value(drawn.deviation[n][k]);
        const auto voxels = static_cast<double>(values.numel());
        EXPECT_NEAR(value(values.mean()), mean, 4 * deviation / std::sqrt(voxels));
        EXPECT_NEAR(value(values.std()), deviation, 4 * deviation / std::sqrt(2 * voxels));
        expect_normal(values, mean, deviation);
      }
    }
  }
}

TEST(PaintTest, VoxelsAndImagesAreIndependent) {
  auto generator = seeded(11);
  const ClassIntensities fixed{at::full({2, 1}, 100, kFloat), at::full({2, 1}, 10, kFloat)};
  const auto image =
      paint(at::zeros({2, 128, 128}, at::TensorOptions(at::kLong)), fixed, generator);
  expect_uncorrelated(image[0], image[1]);
  expect_uncorrelated(image.slice(3, 1), image.slice(3, 0, -1));
  expect_uncorrelated(image.slice(2, 1), image.slice(2, 0, -1));
}

}  // namespace
}  // namespace hypersynth
