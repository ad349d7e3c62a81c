#include "quality/distribution.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

// Expected values from numpy 1.24 and scipy 1.10 (scipy.stats.kurtosis).
TEST(DistributionTest, DescribesAsNumpyAndScipyDo) {
  const Distribution d = describe({1, 2, 3, 4, 100});
  EXPECT_EQ(d.n, 5);
  EXPECT_DOUBLE_EQ(d.mean, 22);
  EXPECT_DOUBLE_EQ(d.median, 3);
  EXPECT_DOUBLE_EQ(d.p05, 1.2);
  EXPECT_DOUBLE_EQ(d.p95, 80.8);
  EXPECT_NEAR(d.stdv, std::sqrt(1522.0), 1e-12);
  EXPECT_NEAR(d.mad, 1 / 0.6744897501960817, 1e-12);
  EXPECT_NEAR(d.kurtosis, 0.24671648930016365, 1e-12);
}

TEST(DistributionTest, AConstantHasNoKurtosis) {
  const Distribution d = describe({7, 7, 7});
  EXPECT_DOUBLE_EQ(d.median, 7);
  EXPECT_DOUBLE_EQ(d.stdv, 0);
  EXPECT_DOUBLE_EQ(d.mad, 0);
  EXPECT_TRUE(std::isnan(d.kurtosis));
}

TEST(DistributionTest, NothingIsDescribedAsNothing) {
  const Distribution d = describe({});
  EXPECT_EQ(d.n, 0);
  EXPECT_TRUE(std::isnan(d.mean));
  EXPECT_TRUE(std::isnan(d.p95));
}

TEST(DistributionTest, ScalingMovesAllButKurtosisAndCount) {
  const Distribution d = scaled(describe({1, 2, 3, 4, 100}), 10);
  EXPECT_DOUBLE_EQ(d.mean, 220);
  EXPECT_DOUBLE_EQ(d.p05, 12);
  EXPECT_NEAR(d.kurtosis, 0.24671648930016365, 1e-12);
  EXPECT_EQ(d.n, 5);
}

}  // namespace
}  // namespace hypersynth
