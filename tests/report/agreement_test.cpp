#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "example_report.h"
#include "page_check.h"
#include "report/agreement_charts.h"
#include "report/evaluation_report.h"
#include "report/group_report.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

AgreementSection example_section() {
  AgreementSection section;
  section.reference = "manual";
  const EstimateCell estimate{0.8, 0.7, 0.9}, none{kNaN, kNaN, kNaN};
  section.rows = {{"left thalamus", 3, 0, 0, estimate, estimate, estimate, estimate},
                  {"optic chiasm", 0, 3, 1, none, none, none, none}};
  section.dice = {{"left thalamus", {{0.8, 0, "a"}, {0.9, 0, "b"}, {kNaN, 0, "c"}}}};
  section.volumes = {{100, 5, "a"}, {2000, -15, "b"}, {30, kNaN, "c"}, {0, 1, "d"}};
  section.worst = {{"sub-01_T1w", "sub-01.html#sub-01", 0.5, "left thalamus 0.400"},
                   {"sub-02_T1w", "", 0.6, ""}};
  section.unscored = {{"sub-03_dseg.nii.gz", "no reference of this image"}};
  return section;
}

int count(const ParsedPage& page, const std::string& tag, const std::string& kind) {
  return static_cast<int>(
      std::count_if(page.elements.begin(), page.elements.end(), [&](const ParsedElement& element) {
        const auto found = element.attributes.find("class");
        return element.tag == tag && found != element.attributes.end() && found->second == kind;
      }));
}

TEST(AgreementChartsTest, EveryFiniteValueIsADotAndEveryRowHasItsMedian) {
  const auto svg = parse_page(strip_chart_svg(example_section().dice, "Dice", "title"));
  EXPECT_EQ(svg.problems, std::vector<std::string>());
  EXPECT_EQ(count(svg, "circle", "image"), 2);
  EXPECT_EQ(count(svg, "line", "median"), 1);
  const auto volumes = parse_page(bland_altman_svg(example_section().volumes, "x", "y", "title"));
  EXPECT_EQ(volumes.problems, std::vector<std::string>());
  EXPECT_EQ(count(volumes, "circle", "image"), 2);
  EXPECT_EQ(count(volumes, "line", "limit"), 2);
}

TEST(AgreementChartsTest, OfManyImagesOnlyTheMostDistantAreElementsOfTheirOwn) {
  std::vector<ChartPoint> points;
  for (int i = 0; i < 5000; ++i) points.push_back({1. + i % 700, i == 7 ? 90. : i % 10, ""});
  points[7].text = "the outlier";
  const auto text = bland_altman_svg(points, "x", "y", "title");
  EXPECT_THAT(text, HasSubstr("the outlier"));
  const auto volumes = parse_page(text);
  EXPECT_EQ(volumes.problems, std::vector<std::string>());
  EXPECT_EQ(count(volumes, "circle", "image"), 100);
  EXPECT_EQ(count(volumes, "path", "images"), 1);
  const auto strip = parse_page(strip_chart_svg({{"left thalamus", points}}, "Dice", "title"));
  EXPECT_EQ(strip.problems, std::vector<std::string>());
  EXPECT_EQ(count(strip, "circle", "image"), 10);
}

TEST(AgreementChartsTest, LimitsOfAgreementAreTheMeanAndTwiceTheSpreadOfTheDifferences) {
  const auto limits =
      agreement_limits({{1, 1, ""}, {1, 2, ""}, {1, 3, ""}, {1, 6, ""}, {1, kNaN, ""}});
  EXPECT_DOUBLE_EQ(limits.mean, 3);
  EXPECT_NEAR(limits.high, 3 + 1.96 * std::sqrt(14.0 / 3), 1e-12);
  EXPECT_NEAR(limits.low, 3 - 1.96 * std::sqrt(14.0 / 3), 1e-12);
  EXPECT_EQ(agreement_limits({}).mean, 0);
}

TEST(AgreementChartsTest, NoValuesBreakAChart) {
  std::mt19937 generator(2);
  const double values[] = {
      0, 1, -1, 1e-300, 1e300, 0.5, 100, kNaN, std::numeric_limits<double>::infinity()};
  const auto any = [&] { return values[generator() % std::size(values)]; };
  for (int i = 0; i < 300; ++i) {
    std::vector<ChartPoint> points;
    for (std::size_t n = generator() % 5; n > 0; --n) points.push_back({any(), any(), "<&>"});
    for (const auto& svg : {strip_chart_svg({{"<name>", points}}, "<x>", "\"t\""),
                            bland_altman_svg(points, "<x>", "<y>", "\"t\"")}) {
      EXPECT_EQ(parse_page(svg).problems, std::vector<std::string>());
      EXPECT_THAT(svg, Not(HasSubstr("nan")));
      EXPECT_LT(svg.size(), 100000u);
    }
  }
}

TEST(EvaluationReportTest, ThePageIsSoundAndShowsWhatIsThere) {
  EvaluationReport report;
  report.agreement = example_section();
  report.other = "peer";
  report.comparison = {{"left thalamus", "Dice", 3, 0.8, 0.7, {0.1, 0.05, 0.15}, 0.25}};
  report.reliability = {{"left thalamus", 5, {1, 0, 2}, {1, 0, 2}, {0.9, 0.8, 0.95}}};
  report.without_retest = {{"sub-09", "there is no second session"}};
  const auto page = parse_page(evaluation_report_html(report));
  EXPECT_EQ(problems_of(page), std::vector<std::string>());
  for (const char* text : {"manual", "Compared with peer", "0.900 (0.800 to 0.950)", "optic chiasm",
                           "no reference of this image", "there is no second session", "n/a"})
    EXPECT_THAT(page.text, HasSubstr(text));
  EXPECT_THAT(evaluation_report_html(report), HasSubstr("sub-01.html#sub-01"));
  EXPECT_EQ(problems_of(parse_page(evaluation_report_html({}))), std::vector<std::string>());
}

TEST(EvaluationReportTest, AGroupPageHasTheSectionsWhereItsImagesWereScored) {
  GroupReport group = example_group(3);
  EXPECT_THAT(group_report_html(group), Not(HasSubstr("Agreement with the reference")));
  group.agreement = example_section();
  const auto page = parse_page(group_report_html(group));
  EXPECT_EQ(problems_of(page), std::vector<std::string>());
  for (const char* text : {"Agreement with the reference", "Dice by structure", "sub-01_T1w"})
    EXPECT_THAT(page.text, HasSubstr(text));
}

TEST(EvaluationReportTest, NoNameBreaksThePage) {
  for (const std::string text : {"</script><b>", "\"><b>", "\xFF", ""}) {
    EvaluationReport report;
    AgreementSection section = example_section();
    section.reference = section.rows[0].structure = section.dice[0].name = text;
    section.dice[0].points[0].text = section.worst[1].image = section.worst[1].structures = text;
    section.unscored[0] = {text, text};
    report.agreement = section;
    report.dataset = report.segmentations = report.other = text;
    report.comparison = {{text, text, 3, 0.8, 0.7, {0.1, 0.05, 0.15}, 0.25}};
    EXPECT_EQ(problems_of(parse_page(evaluation_report_html(report))), std::vector<std::string>())
        << text;
  }
}

}  // namespace
}  // namespace hypersynth
