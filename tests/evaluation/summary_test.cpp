#include "evaluation/summary.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hypersynth {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// A score whose measures are all `value`, or that only one side has.
StructureScore score(std::int32_t index, double value, Presence presence = Presence::kBoth) {
  const double of = presence == Presence::kBoth ? value : kNaN;
  return {index, presence, 10, 10, of, of, of, of, of, of};
}

const StructureNames kNames{{10, "left thalamus"}, {17, "left hippocampus"}};

TEST(SummaryTest, StructuresThatOneSideHasCountAndAreNotScored) {
  const auto summaries =
      summarise_scores({{"a", {score(10, 0.8), score(17, 0.6)}},
                        {"b", {score(10, 0.9), score(17, 0, Presence::kReferenceOnly)}},
                        {"c", {score(10, 1.0), score(85, 0, Presence::kSegmentationOnly)}}},
                       kNames);
  ASSERT_EQ(summaries.size(), 4u);
  EXPECT_EQ(summaries[0].name, "left thalamus");
  EXPECT_EQ(summaries[0].scored, 3u);
  EXPECT_NEAR(summaries[0].measures[0].mean, 0.9, 1e-12);
  EXPECT_NEAR(summaries[0].measures[0].standard_deviation, 0.1, 1e-12);
  EXPECT_EQ(summaries[1].scored, 1u);
  EXPECT_EQ(summaries[1].reference_only, 1u);
  EXPECT_EQ(summaries[2].name, "label 85");
  EXPECT_EQ(summaries[2].segmentation_only, 1u);
  EXPECT_TRUE(std::isnan(summaries[2].measures[0].mean));
  EXPECT_FALSE(summaries[3].index);
  EXPECT_EQ(summaries[3].scored, 3u);
  EXPECT_NEAR(summaries[3].measures[0].mean, (0.7 + 0.9 + 1.0) / 3, 1e-12);
}

TEST(SummaryTest, AComparisonTakesTheImagesAndStructuresThatBothHave) {
  std::vector<ImageScores> first, second;
  for (int i = 0; i < 6; ++i) {
    const std::string name = "image " + std::to_string(i);
    first.push_back({name, {score(10, 0.80 + 0.01 * i), score(17, 0.7)}});
    second.push_back({name, {score(10, 0.70 + 0.005 * i), score(17, 0, Presence::kReferenceOnly)}});
  }
  first.push_back({"only here", {score(10, 0.1)}});
  const auto comparisons = compare_scores(first, second, kNames, 7);
  ASSERT_EQ(comparisons.size(), 8u);  // 4 measures of one structure and of the mean
  const auto& dice = comparisons[0];
  EXPECT_EQ(dice.name, "left thalamus");
  EXPECT_STREQ(dice.measure->name, "dice");
  EXPECT_EQ(dice.images, 6u);
  EXPECT_NEAR(dice.mean, 0.825, 1e-12);
  EXPECT_NEAR(dice.other_mean, 0.7125, 1e-12);
  EXPECT_NEAR(dice.mean_difference, 0.1125, 1e-12);
  EXPECT_GT(dice.interval.low, 0.1);
  EXPECT_LT(dice.interval.high, 0.125);
  EXPECT_NEAR(dice.test.p_value, 2 / 64.0, 1e-12);
  EXPECT_FALSE(comparisons[4].index);
  EXPECT_NEAR(comparisons[4].mean_difference, 0.1125, 1e-12);
}

TEST(SummaryTest, ReliabilityIsOfThePairsThatHaveTheStructureTwice) {
  const auto volume = [](const char* subject, double first, double second) {
    return RepeatedVolume{subject, "image", "1", "2", 17, first, second};
  };
  const auto found = summarise_reliability({volume("01", 100, 102), volume("02", 120, 118),
                                            volume("03", 90, kNaN), volume("04", 80, 80)},
                                           kNames);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].name, "left hippocampus");
  EXPECT_EQ(found[0].pairs, 3u);
  EXPECT_EQ(found[0].incomplete, 1u);
  EXPECT_NEAR(found[0].difference.mean, (200.0 * 2 / 202 - 200.0 * 2 / 238 + 0) / 3, 1e-12);
  EXPECT_NEAR(found[0].absolute_difference.mean, (200.0 * 2 / 202 + 200.0 * 2 / 238) / 3, 1e-12);
  EXPECT_NEAR(found[0].icc.value, intraclass_correlation({{100, 102}, {120, 118}, {80, 80}}).value,
              1e-12);
}

}  // namespace
}  // namespace hypersynth
