#include "report/learning_charts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "page_check.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<CurvePoint> falling(int steps) {
  std::vector<CurvePoint> points;
  for (int step = 1; step <= steps; ++step)
    points.push_back({static_cast<double>(step), 1.0 / step});
  return points;
}

/// The elements of a chart that have this tag and this class.
std::vector<ParsedElement> elements(const std::string& svg, const std::string& tag,
                                    const std::string& kind) {
  std::vector<ParsedElement> found;
  for (const ParsedElement& element : parse_page(svg).elements) {
    const auto name = element.attributes.find("class");
    if (element.tag == tag && name != element.attributes.end() && name->second == kind)
      found.push_back(element);
  }
  return found;
}

CurveChart chart_of(const std::vector<CurvePoint>& points) {
  CurveChart chart;
  chart.title = "Loss";
  chart.lines = {{"synthetic", LineKind::kFirst, points}};
  return chart;
}

std::size_t pieces_of(const std::string& path) {
  return static_cast<std::size_t>(std::count(path.begin(), path.end(), 'M'));
}

TEST(LearningChartsTest, ThinningKeepsTheFirstAndTheLastStepAndTheMean) {
  const auto points = falling(10000);
  const auto few = thinned(points, 200);
  ASSERT_EQ(few.size(), 200u);
  EXPECT_EQ(few.front().step, 1);
  EXPECT_EQ(few.back().step, 10000);
  double before = 0, after = 0;
  for (const auto& point : points) before += point.value / 10000;
  for (const auto& point : few) after += point.value / 200;
  EXPECT_NEAR(after, before, 1e-12);
  EXPECT_TRUE(std::is_sorted(few.begin(), few.end(),
                             [](const auto& a, const auto& b) { return a.step < b.step; }));
}

TEST(LearningChartsTest, FewPointsAreNotThinnedAndAreBroughtInOrder) {
  const auto points = thinned({{3, 0.3}, {1, 0.1}, {kNaN, 9}, {2, kNaN}}, 200);
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points[0].value, 0.1);
  EXPECT_TRUE(std::isnan(points[1].value));
  EXPECT_EQ(points[2].step, 3);
  EXPECT_TRUE(thinned({}).empty());
}

TEST(LearningChartsTest, ValuesThatCannotBeDrawnDoNotCountInAMean) {
  auto points = falling(1000);
  for (auto& point : points) point.value = point.step > 500 && point.step <= 600 ? kInfinity : 2;
  points[3].value = kNaN;
  bool gap = false;
  for (const auto& point : thinned(points, 100)) {
    if (std::isnan(point.value)) {
      gap = true;
      EXPECT_GT(point.step, 500);
      EXPECT_LE(point.step, 600);
    } else {
      EXPECT_EQ(point.value, 2);
    }
  }
  EXPECT_TRUE(gap);
}

TEST(LearningChartsTest, AValueThatIsNoNumberIsAGapAndNeverAZero) {
  const auto svg = curve_chart_svg(chart_of({{1, 5}, {2, 6}, {3, kNaN}, {4, 7}, {5, 8}}));
  const auto lines = elements(svg, "path", "line first");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(pieces_of(lines[0].attributes.at("d")), 2u);
  EXPECT_EQ(elements(svg, "circle", "dot first").size(), 4u);
  for (const auto& label : {">0<", ">0.0<"}) EXPECT_THAT(svg, Not(HasSubstr(label)));
}

TEST(LearningChartsTest, APointAloneIsADot) {
  const auto svg = curve_chart_svg(chart_of({{7, 0.5}}));
  EXPECT_TRUE(elements(svg, "path", "line first").empty());
  EXPECT_EQ(elements(svg, "circle", "dot first").size(), 1u);
  auto points = falling(100);
  points[49].value = points[51].value = kNaN;
  EXPECT_EQ(elements(curve_chart_svg(chart_of(points)), "circle", "dot first").size(), 1u);
}

TEST(LearningChartsTest, AChartWithoutValuesSaysSo) {
  for (const auto& points : {std::vector<CurvePoint>{}, std::vector<CurvePoint>{{1, kNaN}}}) {
    CurveChart chart = chart_of(points);
    chart.start = 0.5;
    EXPECT_THAT(parse_page(curve_chart_svg(chart)).text, HasSubstr("no values"));
  }
}

TEST(LearningChartsTest, TheStartIsALineInsideTheChartWhereverItIs) {
  for (const double start : {0.5, 1e9, -1e9, 1e-9}) {
    CurveChart chart = chart_of({{1, 0.1}, {100, 0.2}});
    chart.start = start;
    const auto lines = elements(curve_chart_svg(chart), "line", "line start");
    ASSERT_EQ(lines.size(), 1u);
    const double y = std::stod(lines[0].attributes.at("y1"));
    EXPECT_GE(y, 8);
    EXPECT_LE(y, 148);
  }
  EXPECT_TRUE(elements(curve_chart_svg(chart_of({{1, 0.1}})), "line", "line start").empty());
}

TEST(LearningChartsTest, ChartsOfOneRangeDrawAValueAtOneHeight) {
  CurveChart narrow = chart_of({{1, 0.5}, {2, 0.6}}), wide = chart_of({{1, 0.5}, {2, 0.9}});
  narrow.range = wide.range = range_of({narrow.lines[0], wide.lines[0]});
  const auto height = [](const CurveChart& chart) {
    return elements(curve_chart_svg(chart), "circle", "dot first").at(0).attributes.at("cy");
  };
  EXPECT_EQ(height(narrow), height(wide));
}

TEST(LearningChartsTest, EveryRowHasARingADotAndALineThatTellsTheDirection) {
  const auto svg = paired_chart_svg({{"rises", 0.5, 0.7},
                                     {"falls", 0.7, 0.5},
                                     {"new", kNaN, 0.6},
                                     {"lost", 0.6, kInfinity},
                                     {"unknown", kNaN, kNaN}},
                                    "Dice", "title");
  EXPECT_EQ(elements(svg, "circle", "before").size(), 3u);
  EXPECT_EQ(elements(svg, "circle", "after").size(), 3u);
  EXPECT_EQ(elements(svg, "line", "change rise").size(), 1u);
  EXPECT_EQ(elements(svg, "line", "change fall").size(), 1u);
  EXPECT_THAT(parse_page(svg).text, HasSubstr("unknown: n/a before, n/a after"));
}

TEST(LearningChartsTest, LongNamesAreCutBetweenCharacters) {
  const std::string brain = "\xE8\x84\xB3";
  std::string name;
  for (int i = 0; i < 50; ++i) name += brain;
  const auto page = parse_page(paired_chart_svg({{name, 0.5, 0.6}}, "Dice", "title"));
  EXPECT_EQ(page.problems, std::vector<std::string>());
  EXPECT_THAT(page.text, HasSubstr(brain + "\xE2\x80\xA6"));
  EXPECT_THAT(page.text, HasSubstr(name + ": "));
}

TEST(LearningChartsTest, NoValuesBreakAChart) {
  std::mt19937 generator(4);
  const double values[] = {0,    1,    1,   -1,  1e-9, 1e-300,    5e-324,     1e300,  1e9,
                           -1e9, 1e30, 0.5, 100, kNaN, kInfinity, -kInfinity, 1e9 + 1};
  const auto any = [&] { return values[generator() % std::size(values)]; };
  for (int i = 0; i < 2000; ++i) {
    CurveChart chart;
    chart.title = "\"<&>\"";
    chart.start = any();
    if (i % 3 == 0) chart.range = AxisRange{any(), any()};
    std::vector<PairedRow> rows;
    for (std::size_t n = generator() % 4; n > 0; --n) {
      CurveLine line{"<&>", n % 2 == 0 ? LineKind::kFirst : LineKind::kSecond, {}};
      for (std::size_t m = generator() % 6; m > 0; --m) line.points.push_back({any(), any()});
      chart.lines.push_back(line);
      rows.push_back({"<&>\xFF", any(), any()});
    }
    for (const auto& svg : {curve_chart_svg(chart), paired_chart_svg(rows, "<x>", "\"t\"")}) {
      EXPECT_EQ(parse_page(svg).problems, std::vector<std::string>());
      EXPECT_THAT(svg, Not(HasSubstr("nan")));
      EXPECT_THAT(svg, Not(HasSubstr("inf")));
      EXPECT_LT(svg.size(), 20000u);
    }
  }
}

TEST(LearningChartsTest, LongTrainingsMakeSmallCharts) {
  EXPECT_LT(curve_chart_svg(chart_of(falling(100000))).size(), 8000u);
}

TEST(ChartAxisTest, TicksCanBeToldApart) {
  EXPECT_EQ(tick_text(0.15, 0.05), "0.15");
  EXPECT_EQ(tick_text(1, 0.2), "1.0");
  EXPECT_EQ(tick_text(0.03, 0.01), "0.03");
  EXPECT_EQ(tick_text(1e-17, 0.01), "0");
  EXPECT_EQ(tick_text(1.5e-9, 5e-10), "1.5e-09");
  EXPECT_NE(tick_text(2e9, 1e3), tick_text(2e9 + 1e3, 1e3));
}

TEST(ChartAxisTest, EqualValuesGetAnAxisAroundThem) {
  for (const double value : {0.0, 0.9, -3.0, 1e-9, 1e9, 1e30, 1e-300}) {
    const AxisRange range = widened_range(value, value);
    EXPECT_LT(range.low, range.high);
    EXPECT_LE(range.low, value);
    EXPECT_GE(range.high, value);
  }
  EXPECT_EQ(widened_range(kInfinity, -kInfinity).high, 1);
}

}  // namespace
}  // namespace hypersynth
