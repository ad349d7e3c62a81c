#include "nodes/measures.h"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "quality/verdict.h"

namespace hypersynth {
namespace {

/// Values just past the limits of every threshold, and some that pass.
std::vector<MeasureValue> telling_values(const QualityThreshold& threshold) {
  const double step = threshold.upper ? 1e-3 : -1e-3;
  return {{threshold.measure, threshold.warning, ""},
          {threshold.measure, threshold.warning + step, ""},
          {threshold.measure, threshold.fail + step, ""},
          {threshold.measure, std::numeric_limits<double>::quiet_NaN(), "not measured"}};
}

TEST(MeasuresTest, ThePageFlagsTheMeasuresThatTheVerdictIsAbout) {
  const auto thresholds = thresholds_for("T1w");
  for (const auto& threshold : thresholds) {
    for (const auto& value : telling_values(threshold)) {
      const std::vector<MeasureValue> measures{value, {"no_such_measure", 1, ""}};
      const auto page = measures_for_page(measures, thresholds);
      const auto worst = std::max(page[0].verdict, page[1].verdict);
      const auto verdict =
          verdict_from(std::string(to_string(judge_quality(measures, thresholds).rating)));
      EXPECT_EQ(std::max(worst, Verdict::kPass), verdict) << value.name << " " << value.value;
      EXPECT_EQ(page[1].verdict, Verdict::kNone);
    }
  }
}

TEST(MeasuresTest, AMeasureOfTheCatalogueHasATitleAndItsNote) {
  const auto page = measures_for_page({{"cjv", 0.5, "a note"}, {"no_such_measure", 1, ""}},
                                      {{"cjv", 0.6, 0.9, true, "a test"}});
  EXPECT_EQ(page[0].title, "Coefficient of joint variation");
  EXPECT_EQ(page[0].note, "a note");
  EXPECT_EQ(page[0].family, "contrast");
  EXPECT_EQ(page[0].better, "lower");
  EXPECT_EQ(page[0].limits, "warning above 0.6, fail above 0.9");
  EXPECT_EQ(page[1].limits, "");
  EXPECT_EQ(page[1].title, "no_such_measure");
}

}  // namespace
}  // namespace hypersynth
