#include "quality/threshold_file.h"

#include <cmath>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;

std::vector<QualityThreshold> chosen(const std::string& text) {
  return replace_thresholds(default_quality_thresholds(), parse_thresholds(text, "limits.json"));
}

std::optional<QualityRating> rating(const std::string& measure, double value,
                                    const std::vector<QualityThreshold>& thresholds,
                                    const std::string& suffix = "T1w") {
  return rate_measure({measure, value, ""}, thresholds_for(suffix, thresholds));
}

TEST(ThresholdFileTest, AMeasureOfTheFileHasTheLimitsOfTheFileAlone) {
  const auto thresholds =
      chosen(R"({"qc_brain_volume": {"warning_below": 900, "fail_below": 600}})");
  EXPECT_EQ(rating("qc_brain_volume", 850, thresholds), QualityRating::kWarning);
  EXPECT_EQ(rating("qc_brain_volume", 550, thresholds), QualityRating::kFail);
  EXPECT_EQ(rating("qc_brain_volume", 5000, thresholds), QualityRating::kPass);
  EXPECT_EQ(rating("qc_missing_structures", 9, thresholds), QualityRating::kFail) << "a default";
}

TEST(ThresholdFileTest, NullTakesTheLimitsAway) {
  const auto thresholds = chosen(R"({"qc_missing_structures": null})");
  EXPECT_NE(rating("qc_missing_structures", 9, thresholds), QualityRating::kFail);
  EXPECT_NE(rating("qc_missing_structures", 9, thresholds), QualityRating::kWarning);
}

TEST(ThresholdFileTest, LimitsForASuffixGoBeforeThoseForAll) {
  const auto thresholds =
      chosen(R"({"snr_wm": {"warning_below": 9}, "T2w": {"snr_wm": {"warning_below": 3}}})");
  EXPECT_EQ(rating("snr_wm", 5, thresholds, "T1w"), QualityRating::kWarning);
  EXPECT_EQ(rating("snr_wm", 5, thresholds, "T2w"), QualityRating::kPass);
  EXPECT_EQ(rating("snr_wm", 2, thresholds, "T2w"), QualityRating::kWarning);
}

TEST(ThresholdFileTest, EverySuffixOfBidsIsOneAlsoWithoutLimits) {
  const auto thresholds = chosen(R"({"inplaneT1": {"snr_wm": {"warning_below": 9}}, "T2w": {}})");
  EXPECT_EQ(rating("snr_wm", 8.5, thresholds, "inplaneT1"), QualityRating::kWarning);
  EXPECT_EQ(rating("snr_wm", 8.5, thresholds, "T2w"), QualityRating::kPass);
}

TEST(ThresholdFileTest, AFailWithoutAWarningIsOne) {
  const auto thresholds = chosen(R"({"snr_wm": {"fail_below": 4}})");
  EXPECT_EQ(rating("snr_wm", 5, thresholds), QualityRating::kPass);
  EXPECT_EQ(rating("snr_wm", 3, thresholds), QualityRating::kFail);
}

TEST(ThresholdFileTest, WhatIsWrittenIsReadAsTheSame) {
  const auto text = format_thresholds(default_quality_thresholds());
  EXPECT_EQ(format_thresholds(parse_thresholds(text, "limits.json")), text);
  for (const std::string suffix : {"T1w", "T2w"}) {
    const auto part = thresholds_of_suffix(text, suffix);
    EXPECT_EQ(thresholds_of_suffix(part, suffix), part) << suffix;
    for (const auto& threshold : thresholds_for(suffix, default_quality_thresholds())) {
      const double beyond = threshold.warning + (threshold.upper ? 1e-3 : -1e-3);
      EXPECT_EQ(rating(threshold.measure, beyond, parse_thresholds(part, "limits.json"), suffix),
                rating(threshold.measure, beyond, default_quality_thresholds(), suffix))
          << threshold.measure;
    }
  }
}

TEST(ThresholdFileTest, AFileThatIsNoneIsRefusedWithWhatIsWrong) {
  const std::pair<const char*, const char*> faults[] = {
      {"", "no JSON"},
      {"[1, 2]", "[1,2]"},
      {R"({"cjw": {"warning_above": 1}})", "cjw"},
      {R"({"T1w": {"cjw": null}})", "cjw"},
      {R"({"t1w": {"cjv": {"warning_above": 1}}})", "t1w"},
      {R"({"cjvv": {}})", "cjvv"},
      {R"({"cjv": {"warning_above": 1, "reason": 7}})", "7"},
      {R"({"cjv": 5})", "5"},
      {R"({"cjv": {"warning_above": "high"}})", "high"},
      {R"({"cjv": {"warn_above": 1}})", "warn_above"},
      {R"({"cjv": {"warning_above": 1, "fail_above": 0.5}})", "0.5"}};
  for (const auto& [text, found] : faults) {
    try {
      parse_thresholds(text, "limits.json");
      ADD_FAILURE() << text;
    } catch (const InputError& error) {
      EXPECT_EQ(error.path(), "limits.json");
      EXPECT_THAT(error.found(), HasSubstr(found)) << text;
      EXPECT_EQ(error.code(), ExitCode::kUsage);
    }
  }
}

}  // namespace
}  // namespace hypersynth
