#include "engine/bilevel/gradient_statistics.h"

#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include "engine/synthetic_fixture.h"

namespace hypersynth {
namespace {

TEST(GradientStatisticsTest, NothingIsKnownBeforeTheSecondDraw) {
  GradientStatistics statistics;
  statistics.add(at::ones({3}));
  EXPECT_EQ(value(statistics.signal_to_noise().sum()), 0);
}

TEST(GradientStatisticsTest, FindsTheSignalToNoiseOfDraws) {
  // Five hundred elements each of noise with a mean of 0, 0.5 and -2 standard deviations.
  GradientStatistics statistics;
  auto generator = seeded(5);
  const auto mean = at::tensor({0.0, 0.5, -2.0}).reshape({3, 1});
  for (int draw = 0; draw < 1000; ++draw)
    statistics.add(at::randn({3, 500}, generator, mean.options()) + mean);
  const auto found = statistics.signal_to_noise().mean(1);
  EXPECT_NEAR(value(found[1]), 0.5, 0.03);
  EXPECT_NEAR(value(found[2]), 2, 0.06);
}

TEST(GradientStatisticsTest, AGradientThatIsAlwaysZeroIsNoSignal) {
  GradientStatistics statistics;
  for (int draw = 0; draw < 5; ++draw) statistics.add(at::ones({2}) * 0);
  EXPECT_EQ(value(statistics.signal_to_noise().sum()), 0);
}

TEST(GradientStatisticsTest, AConstantGradientIsASignal) {
  GradientStatistics statistics;
  for (int draw = 0; draw < 5; ++draw) statistics.add(at::ones({2}));
  EXPECT_GT(value(statistics.signal_to_noise().min()), 1000);
}

}  // namespace
}  // namespace hypersynth
