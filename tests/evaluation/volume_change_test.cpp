// Changes over sessions, and what of them scanning twice alone brings about.

#include "evaluation/volume_change.h"

#include <cmath>
#include <rapidcheck.h>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/error.h"

namespace hypersynth {
namespace {

const std::string kHeader = "model_xxh3\tfast\tsuffix\tindex\tname\tpairs\tspread_percent\n";

TEST(VolumeChangeTest, IsInPercentOfTheMeanAndAYear) {
  const auto change = volume_change({110, 90}, {0, 2});
  EXPECT_DOUBLE_EQ(change.percent, -20);
  EXPECT_DOUBLE_EQ(change.percent_per_year, -10);
}

TEST(VolumeChangeTest, TheRateIsThatOfTheStraightLineThroughAllSessions) {
  EXPECT_NEAR(volume_change({100, 90, 80}, {0, 1, 2}).percent_per_year, -100.0 / 9, 1e-12);
  // By hand: the mean is 100, the slope through (0,100), (1,110), (3,90) is -30/7 a year.
  EXPECT_NEAR(volume_change({100, 110, 90}, {0, 1, 3}).percent_per_year, -30.0 / 7, 1e-12);
}

TEST(VolumeChangeTest, ThereIsNoRateWithoutTimesOrOverAShortTime) {
  EXPECT_TRUE(std::isnan(volume_change({100, 90}, {}).percent_per_year));
  EXPECT_TRUE(std::isnan(volume_change({100, 90}, {0, 0}).percent_per_year));
  EXPECT_TRUE(std::isnan(volume_change({100, 90}, {0, 0.1}).percent_per_year));
  EXPECT_TRUE(std::isnan(volume_change({100, 90}, {0, 0.5}, 1).percent_per_year));
}

TEST(VolumeChangeTest, AMissingVolumeHasNoChangeAndTwoOfZeroHaveNone) {
  EXPECT_TRUE(std::isnan(volume_change({100, NAN}, {0, 1}).percent));
  EXPECT_TRUE(std::isnan(volume_change({100}, {0}).percent));
  EXPECT_EQ(volume_change({0, 0}, {0, 1}).percent, 0);
  EXPECT_EQ(volume_change({0, 5}, {0, 1}).percent, 200);
}

RC_GTEST_PROP(VolumeChangePropertyTest, DoesNotDependOnTheUnitAndTurnsRoundWithTheOrder, ()) {
  const double a = *rc::gen::inRange(1, 10000), b = *rc::gen::inRange(1, 10000);
  const double scale = *rc::gen::inRange(1, 1000) / 100.0;
  const auto there = volume_change({a, b}, {0, 1}), back = volume_change({b, a}, {0, 1});
  const auto scaled = volume_change({scale * a, scale * b}, {0, 1});
  RC_ASSERT(std::abs(there.percent + back.percent) < 1e-9);
  RC_ASSERT(std::abs(there.percent - scaled.percent) < 1e-9);
  RC_ASSERT(std::abs(there.percent_per_year - there.percent) < 1e-9);  // of two in one year
}

TEST(RetestSpreadTest, TheLimitHoldsNineteenOfTwentyChangesOfFewPairs) {
  EXPECT_NEAR((RetestSpread{1, 5}.limit_percent()), 2.5706, 1e-4);  // Student's t, 5 degrees
  EXPECT_NEAR((RetestSpread{2, 1000000}.limit_percent()), 2 * 1.95996, 1e-4);
  EXPECT_TRUE(std::isnan(RetestSpread{}.limit_percent()));
}

TEST(RetestTableTest, FindsTheStructureOfTheModelAlone) {
  const auto table = RetestTable::parse(
      kHeader + "ab\tno\tT1w\t17\tleft hippocampus\t5\t1.25\nab\tyes\tT1w\t17\tx\t5\t2\n", "t.tsv");
  EXPECT_EQ(table.find("ab", false, "T1w", 17)->spread_percent, 1.25);
  EXPECT_EQ(table.find("ab", true, "T1w", 17)->spread_percent, 2);
  EXPECT_FALSE(table.find("ab", false, "T2w", 17));
  EXPECT_FALSE(table.find("cd", false, "T1w", 17));
  EXPECT_FALSE(table.find("ab", false, "T1w", 18));
}

TEST(RetestTableTest, ADamagedTableIsToldWithItsPlace) {
  for (const char* row : {"ab\tmaybe\tT1w\t17\tx\t5\t1\n", "ab\tno\tT1w\t17\tx\t5\t-1\n",
                          "ab\tno\tT1w\t17\tx\t5\tn/a\n", "ab\tno\tT1w\tx\tx\t5\t1\n"}) {
    EXPECT_THROW(RetestTable::parse(kHeader + row, "t.tsv"), InputError) << row;
  }
}

}  // namespace
}  // namespace hypersynth
