#include "report/robust.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(RobustTest, QuartilesInterpolateAsNumpyDoes) {
  const RobustSummary s = summarise({4, 1, 3, 2, kNaN});
  EXPECT_EQ(s.count, 4u);
  EXPECT_DOUBLE_EQ(s.minimum, 1);
  EXPECT_DOUBLE_EQ(s.quartile1, 1.75);
  EXPECT_DOUBLE_EQ(s.median, 2.5);
  EXPECT_DOUBLE_EQ(s.quartile3, 3.25);
  EXPECT_DOUBLE_EQ(s.maximum, 4);
  EXPECT_DOUBLE_EQ(s.scale, 1.4826);
}

TEST(RobustTest, AnOutlierDoesNotHideItself) {
  const RobustSummary s = summarise({10, 11, 9, 10.5, 9.5, 1000});
  EXPECT_GT(robust_z(1000, s), 100);
  EXPECT_LT(std::abs(robust_z(9, s)), 3.5);
}

TEST(RobustTest, WhereMostValuesAreEqualTheMeanDeviationTakesOver) {
  const RobustSummary s = summarise({5, 5, 5, 5, 9});
  EXPECT_DOUBLE_EQ(s.scale, 1.2533 * 0.8);
  EXPECT_GT(robust_z(9, s), 3.5);
}

TEST(RobustTest, EqualValuesAndNoValuesHaveNoOutliers) {
  EXPECT_EQ(summarise({7, 7, 7}).scale, 0);
  EXPECT_TRUE(std::isnan(robust_z(7, summarise({7, 7, 7}))));
  EXPECT_EQ(summarise({}).count, 0u);
  EXPECT_EQ(summarise({kNaN, std::numeric_limits<double>::infinity()}).count, 0u);
}

}  // namespace
}  // namespace hypersynth
