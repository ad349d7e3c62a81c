#include "evaluation/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <rapidcheck.h>
#include <stdexcept>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/quantile.h"

namespace hypersynth {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Expected values without another source are those of SciPy 1.10.

TEST(QuantileTest, IsInterpolatedBetweenTheNearestRanks) {
  const std::vector<double> values{1, 2, 4, 8};
  EXPECT_DOUBLE_EQ(quantile_of_sorted(values, 0), 1);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(values, 1), 8);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(values, 0.5), 3);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(values, 0.95), 4 + 0.85 * 4);
  EXPECT_DOUBLE_EQ(quantile_of_sorted({5}, 0.95), 5);
  EXPECT_THROW(quantile_of_sorted({}, 0.5), std::invalid_argument);
}

TEST(MeanEstimateTest, TheIntervalIsThatOfStudentsT) {
  const auto estimate = estimate_mean({0.81, 0.79, kNaN, 0.85, 0.9, 0.77, 0.83});
  EXPECT_EQ(estimate.count, 6u);
  EXPECT_NEAR(estimate.mean, 0.825, 1e-12);
  EXPECT_NEAR(estimate.standard_deviation, 0.04636809247747851, 1e-12);
  EXPECT_NEAR(estimate.interval.low, 0.77633967118162, 1e-10);
  EXPECT_NEAR(estimate.interval.high, 0.8736603288183802, 1e-10);
}

TEST(MeanEstimateTest, OneValueHasNoIntervalAndNoneNoMean) {
  EXPECT_EQ(estimate_mean({0.5}).mean, 0.5);
  EXPECT_TRUE(std::isnan(estimate_mean({0.5}).interval.low));
  EXPECT_EQ(estimate_mean({kNaN}).count, 0u);
  EXPECT_TRUE(std::isnan(estimate_mean({}).mean));
}

TEST(MeanEstimateTest, ScansOfOnePersonAreNoMorePeople) {
  const auto people = estimate_mean({0.81, 0.79, 0.85, 0.9});
  const auto once = estimate_mean({0.81, 0.79, 0.85, kNaN, 0.9}, {"a", "b", "c", "c", "d"});
  EXPECT_NEAR(once.interval.low, people.interval.low, 1e-12);
  // Every scan again adds nothing.
  const auto twice = estimate_mean({0.81, 0.79, 0.85, 0.9, 0.81, 0.79, 0.85, 0.9},
                                   {"a", "b", "c", "d", "a", "b", "c", "d"});
  EXPECT_EQ(twice.count, 8u);
  EXPECT_NEAR(twice.mean, people.mean, 1e-12);
  EXPECT_NEAR(twice.interval.low, people.interval.low, 1e-12);
  EXPECT_NEAR(twice.interval.high, people.interval.high, 1e-12);
  EXPECT_TRUE(std::isnan(estimate_mean({0.8, 0.9}, {"a", "a"}).interval.low));
}

TEST(SignedRankTest, IsExactForFewDifferencesWithoutTies) {
  // Depression scale of nine patients before and after tranquilliser, Hollander and Wolfe: V = 40,
  // p = 0.0391 in R's wilcox.test.
  const auto test =
      signed_rank_test({1.83 - 0.878, 0.50 - 0.647, 1.62 - 0.598, 2.48 - 2.05, 1.68 - 1.06,
                        1.88 - 1.29, 1.55 - 1.06, 3.06 - 3.14, 1.30 - 1.29});
  EXPECT_TRUE(test.exact);
  EXPECT_DOUBLE_EQ(test.statistic, 40);
  EXPECT_NEAR(test.p_value, 0.0390625, 1e-12);
  std::vector<double> twenty_five;
  for (int i = 0; i < 25; ++i) twenty_five.push_back((i % 3 == 0 ? -0.01 : 0.01) * (i + 1));
  EXPECT_TRUE(signed_rank_test(twenty_five).exact);
  EXPECT_NEAR(signed_rank_test(twenty_five).p_value, 0.23036134243011475, 1e-12);
}

TEST(SignedRankTest, IsApproximateForManyDifferencesAndForTies) {
  const std::vector<double> forty{0.6, 1.1,  0.6,  -1.0, 1.2,  0.7,  -0.2, 0.9,  0.7,  0.6,
                                  0.3, 0.8,  -0.4, 0.1,  -0.2, 0.9,  0.3,  0.0,  -0.5, 0.0,
                                  0.3, 0.0,  1.6,  1.3,  -2.4, -1.6, 0.1,  -0.1, 0.5,  0.5,
                                  2.4, -0.8, -0.1, 2.3,  0.9,  1.0,  -0.2, -1.3, 0.5,  0.4};
  const auto test = signed_rank_test(forty);
  EXPECT_FALSE(test.exact);
  EXPECT_EQ(test.count, 37u);
  EXPECT_NEAR(test.p_value, 0.023093997667365803, 1e-12);
  const auto few = signed_rank_test({0.3, -0.3, 0.5, 0.5, -0.1, 0, 0.7});
  EXPECT_FALSE(few.exact);
  EXPECT_NEAR(few.p_value, 0.17058693287144144, 1e-12);
}

TEST(SignedRankTest, WithoutADifferenceNothingIsFound) {
  EXPECT_EQ(signed_rank_test({0, 0, 0}).p_value, 1);
  EXPECT_TRUE(std::isnan(signed_rank_test({}).p_value));
  EXPECT_TRUE(std::isnan(signed_rank_test({kNaN}).p_value));
  EXPECT_EQ(signed_rank_test({0.5}).p_value, 1);
}

TEST(SignedRankTest, TheExactAndTheApproximateTestAgreeWhereBothAreGood) {
  std::vector<double> differences;
  for (int i = 1; i <= 25; ++i) differences.push_back(i % 3 == 0 ? -i : i);
  const auto exact = signed_rank_test(differences);
  differences[21] = differences[22];  // a tie of two positive ones: the same sum of ranks
  const auto approximate = signed_rank_test(differences);
  EXPECT_TRUE(exact.exact);
  EXPECT_FALSE(approximate.exact);
  EXPECT_EQ(exact.statistic, approximate.statistic);
  EXPECT_NEAR(approximate.p_value, exact.p_value, 0.005);
}

RC_GTEST_PROP(SignedRankPropertyTest, TheSignAndTheScaleOfTheDifferencesDoNotMatter,
              (const std::vector<int>& values)) {
  std::vector<double> forward, backward;
  for (const int value : values) {
    forward.push_back(value);
    backward.push_back(-0.5 * value);
  }
  const auto a = signed_rank_test(forward), b = signed_rank_test(backward);
  RC_PRE(!values.empty());
  RC_ASSERT(std::abs(a.p_value - b.p_value) < 1e-12);
  RC_ASSERT(a.p_value > 0 && a.p_value <= 1);
}

TEST(BootstrapTest, TheIntervalIsNearStudentsTAndFollowsTheSeed) {
  std::mt19937 generator(5);
  std::normal_distribution<double> normal(0.02, 0.01);
  std::vector<double> values;
  for (int i = 0; i < 60; ++i) values.push_back(normal(generator));
  const Interval found = bootstrap_mean_interval(values, 1);
  const Interval expected = estimate_mean(values).interval;
  const double width = expected.high - expected.low;
  EXPECT_NEAR(found.low, expected.low, 0.06 * width);
  EXPECT_NEAR(found.high, expected.high, 0.06 * width);
  EXPECT_EQ(bootstrap_mean_interval(values, 1).low, found.low);
  EXPECT_NE(bootstrap_mean_interval(values, 2).low, found.low);
}

TEST(BootstrapTest, TheIntervalOfTwoValuesSpansThemAndOneValueHasNone) {
  const Interval found = bootstrap_mean_interval({1, 3}, 0);
  EXPECT_DOUBLE_EQ(found.low, 1);
  EXPECT_DOUBLE_EQ(found.high, 3);
  EXPECT_TRUE(std::isnan(bootstrap_mean_interval({1}, 0).low));
}

TEST(IntraclassCorrelationTest, IsThatOfShroutAndFleiss) {
  // Their table 2: six targets, four judges; ICC(2,1) = 0.29. The interval is the one that R's
  // psych gives for these data.
  const auto icc = intraclass_correlation(
      {{9, 2, 5, 8}, {6, 1, 3, 2}, {8, 4, 6, 8}, {7, 1, 2, 6}, {10, 5, 6, 9}, {6, 2, 4, 7}});
  EXPECT_EQ(icc.subjects, 6u);
  EXPECT_NEAR(icc.value, 0.29, 0.005);
  EXPECT_NEAR(icc.interval.low, 0.019, 0.0005);
  EXPECT_NEAR(icc.interval.high, 0.761, 0.0005);
}

TEST(IntraclassCorrelationTest, AShiftOfOneSessionLowersTheAgreement) {
  EXPECT_DOUBLE_EQ(intraclass_correlation({{1, 1}, {2, 2}, {4, 4}}).value, 1);
  EXPECT_DOUBLE_EQ(intraclass_correlation({{1, 1}, {2, 2}, {4, 4}}).interval.low, 1);
  EXPECT_LT(intraclass_correlation({{1, 2}, {2, 3}, {4, 5}}).value, 0.9);
  EXPECT_GT(intraclass_correlation({{1, 2}, {2, 3}, {4, 5}}).value, 0);
}

TEST(IntraclassCorrelationTest, NeedsTwoSubjectsThatDifferAndCompleteRows) {
  EXPECT_TRUE(std::isnan(intraclass_correlation({}).value));
  EXPECT_TRUE(std::isnan(intraclass_correlation({{1, 2}}).value));
  EXPECT_TRUE(std::isnan(intraclass_correlation({{3, 3}, {3, 3}}).value));
  EXPECT_THROW(intraclass_correlation({{1, 2}, {1}}), std::invalid_argument);
  EXPECT_THROW(intraclass_correlation({{1}, {1}}), std::invalid_argument);
}

TEST(IntraclassCorrelationTest, TheIntervalHoldsTheTrueValueInNineteenOfTwentyStudies) {
  std::mt19937 generator(11);
  std::normal_distribution<double> normal(0, 1);
  constexpr int kStudies = 2000;
  // Variances: subjects 4, sessions 0 (so that the value is sharply defined), error 1.
  constexpr double kTrue = 0.8;
  int covered = 0;
  for (int study = 0; study < kStudies; ++study) {
    std::vector<std::vector<double>> rows;
    for (int subject = 0; subject < 20; ++subject) {
      const double level = 2 * normal(generator);
      rows.push_back({level + normal(generator), level + normal(generator)});
    }
    const auto interval = intraclass_correlation(rows).interval;
    if (interval.low <= kTrue && kTrue <= interval.high) ++covered;
  }
  EXPECT_NEAR(double(covered) / kStudies, 0.95, 0.015);
}

}  // namespace
}  // namespace hypersynth
