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
  EXPECT_EQ(value(statistics.step_share(1).sum()), 0);
  EXPECT_EQ(value(statistics.step_share(0).sum()), 3);
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
  // Of noise alone, mean over standard error has a mean square of 1.
  EXPECT_NEAR(value(statistics.significance()[0].square().mean()), 1, 0.2);
  // Noise is significant at 2 in one of twenty; a mean of -2 has z = 2 sqrt(198) = 28.
  const auto share = statistics.step_share(2).mean(1);
  EXPECT_LT(value(share[0]), 0.02);
  EXPECT_NEAR(value(share[2]), 1 - 4.0 / (4 * 198), 0.002);
}

TEST(GradientStatisticsTest, AGradientThatIsAlwaysZeroMovesNothing) {
  GradientStatistics statistics;
  for (int draw = 0; draw < 5; ++draw) statistics.add(at::ones({2}) * 0);
  EXPECT_EQ(value(statistics.step_share(2).sum()), 0);
}

TEST(GradientStatisticsTest, AConstantGradientIsASignal) {
  GradientStatistics statistics;
  for (int draw = 0; draw < 5; ++draw) statistics.add(at::ones({2}));
  EXPECT_NEAR(value(statistics.step_share(2).sum()), 2, 1e-3);
}

}  // namespace
}  // namespace hypersynth
