#include "quality/verdict.h"

#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quality/head_phantom.h"

namespace hypersynth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<QualityThreshold> kThresholds{{"cjv", 0.5, 1, true, "a test"},
                                                {"snr_wm", 5, 2, false, "a test"}};

TEST(VerdictTest, ValuesWithinAllThresholdsPass) {
  const auto verdict = judge_quality({{"cjv", 0.5, ""}, {"snr_wm", 5, ""}}, kThresholds);
  EXPECT_EQ(verdict.rating, QualityRating::kPass);
  EXPECT_THAT(verdict.reasons, IsEmpty());
}

TEST(VerdictTest, TheWorstRatingWinsAndComesFirst) {
  const auto verdict = judge_quality({{"cjv", 0.7, ""}, {"snr_wm", 1.5, "a note"}}, kThresholds);
  EXPECT_EQ(verdict.rating, QualityRating::kFail);
  EXPECT_THAT(verdict.reasons,
              ElementsAre("Signal-to-noise ratio, white matter: 1.5, below 2 (a note)",
                          "Coefficient of joint variation: 0.7, above 0.5"));
}

TEST(VerdictTest, WhatCouldNotBeMeasuredIsNotHeldAgainstTheImage) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto verdict = judge_quality({{"cjv", nan, "no white matter"}}, kThresholds);
  EXPECT_EQ(verdict.rating, QualityRating::kPass);
}

TEST(VerdictTest, AMeasureIsRatedByTheWorstOfItsThresholds) {
  const std::vector<QualityThreshold> between{{"cjv", 0.5, 1, true, "a test"},
                                              {"cjv", 0.2, 0.1, false, "a test"}};
  EXPECT_EQ(rate_measure({"cjv", 0.3, ""}, between), QualityRating::kPass);
  EXPECT_EQ(rate_measure({"cjv", 0.6, ""}, between), QualityRating::kWarning);
  EXPECT_EQ(rate_measure({"cjv", 0.05, ""}, between), QualityRating::kFail);
  EXPECT_EQ(rate_measure({"snr_wm", 1, ""}, between), std::nullopt);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(rate_measure({"cjv", nan, ""}, between), std::nullopt);
}

TEST(VerdictTest, DefaultThresholdsAreOfKnownMeasuresAndSayWhereTheyComeFrom) {
  for (const auto& threshold : default_quality_thresholds()) {
    EXPECT_NE(find_measure(threshold.measure), nullptr) << threshold.measure;
    EXPECT_FALSE(threshold.reason.empty()) << threshold.measure;
    EXPECT_TRUE(threshold.upper ? threshold.fail > threshold.warning
                                : threshold.fail < threshold.warning)
        << threshold.measure;
  }
}

TEST(VerdictTest, AnArtefactInTheAirIsAWarningAndNoiseIsNot) {
  HeadPhantom phantom;
  phantom.add_noise(10);
  HeadPhantom artefact = phantom;
  for (std::int64_t k = 0; k < 9; ++k) {
    for (std::int64_t j = 0; j < 9; ++j) {
      for (std::int64_t i = 0; i < 9; ++i) artefact.image.at(1 + i, 1 + j, 54 + k) = 500;
    }
  }
  const auto rating = [](const HeadPhantom& head) {
    for (const auto& measure : measure_quality(head.input())) {
      if (measure.name == "qi_1") return rate_measure(measure, thresholds_for("T1w"));
    }
    return std::optional<QualityRating>();
  };
  EXPECT_EQ(rating(phantom), QualityRating::kPass);
  EXPECT_EQ(rating(artefact), QualityRating::kWarning);
}

TEST(VerdictTest, AnEmptySegmentationFails) {
  HeadPhantom phantom;
  phantom.add_noise(10);
  for (auto& label : phantom.labels.voxels) label = 0;
  EXPECT_EQ(judge_quality(measure_quality(phantom.input()), thresholds_for("T1w")).rating,
            QualityRating::kFail);
}

}  // namespace
}  // namespace hypersynth
