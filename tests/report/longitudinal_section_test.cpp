// What the page shows over sessions.

#include "report/longitudinal_section.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/position_section.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

LongitudinalReport two_sessions() {
  LongitudinalSeries series;
  series.name = "T1w";
  series.made_with = "the model m";
  series.sessions = {{"1", "sub-01/ses-1/anat/a_T1w.nii.gz", "2001-01-01", 0, Verdict::kPass},
                     {"2", "sub-01/ses-2/anat/b_T1w.nii.gz", "", 2, Verdict::kWarning}};
  series.structures = {{"left hippocampus", {4000, 3600}, -10.5, -5.3, 5},
                       {"left amygdala", {1500, 1510}, 0.66, 0.33, NAN}};
  series.limit_source = "The limits are from somewhere.";
  return {{series}, "sub-01/table.tsv"};
}

std::string markup(const LongitudinalReport& report) {
  HtmlWriter html;
  write_longitudinal(html, report, "sessions", {});
  return std::move(html).finish();
}

TEST(LongitudinalSectionTest, ShowsVolumesChangesAndWhichAreBeyondTheLimit) {
  const auto text = markup(two_sessions());
  EXPECT_THAT(text, HasSubstr("a_T1w.nii.gz"));
  EXPECT_THAT(text, HasSubstr("2001-01-01"));
  EXPECT_THAT(text, HasSubstr("not known"));
  EXPECT_THAT(text, HasSubstr("\xE2\x88\x92"
                              "10.5"));
  EXPECT_THAT(text, HasSubstr("+0.7"));
  EXPECT_THAT(text, HasSubstr("Beyond the limit: 1 of 1 volumes"));
  const auto first = text.find("beyond limit");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(text.find("beyond limit", first + 1), std::string::npos);
  EXPECT_LT(text.find("left hippocampus"), first);
  EXPECT_GT(text.find("left amygdala"), first);
  EXPECT_THAT(text, HasSubstr("href=\"sub-01/table.tsv\""));
}

TEST(LongitudinalSectionTest, ASwapOfLeftAndRightIsSaidAboveTheVolumes) {
  auto report = two_sessions();
  report.series[0].comparisons = {{"1", "2", 1, 2, 0.9, false, {}, ""}};
  EXPECT_THAT(markup(report), Not(HasSubstr("swapped")));
  report.series[0].comparisons[0].mirrored = true;
  const auto text = markup(report);
  EXPECT_LT(text.find("seem to be swapped in the file of"), text.find("left hippocampus"));
}

TEST(LongitudinalSectionTest, ASeriesOfOneSessionIsItsNotesAlone) {
  LongitudinalReport report;
  report.series.push_back({});
  report.series[0].name = "T1w";
  report.series[0].notes = {"Left out, since <made> otherwise."};
  const auto text = markup(report);
  EXPECT_THAT(text, HasSubstr("since &lt;made&gt; otherwise"));
  EXPECT_THAT(text, Not(HasSubstr("<table")));
}

TEST(LongitudinalSectionTest, OfManySessionsTheFirstAndTheLastHaveColumns) {
  auto report = two_sessions();
  auto& series = report.series[0];
  for (const char* session : {"3", "4", "5"}) {
    series.sessions.push_back({session, "x", "", NAN, Verdict::kNone});
    for (auto& course : series.structures) course.volumes_mm3.push_back(1234);
  }
  const auto text = markup(report);
  EXPECT_THAT(text, HasSubstr("ses-1, mm"));
  EXPECT_THAT(text, HasSubstr("ses-5, mm"));
  EXPECT_THAT(text, Not(HasSubstr("ses-2, mm")));
}

TEST(CourseTest, DrawsOnlyWhatIsKnown) {
  const auto svg = course_svg({"x", {100, NAN, 90}, -10, NAN, 5}, {0, 1, 2});
  std::size_t dots = 0;
  for (std::size_t at = svg.find("<circle"); at != std::string::npos;
       at = svg.find("<circle", at + 1))
    ++dots;
  EXPECT_EQ(dots, 2u);
  EXPECT_THAT(svg, HasSubstr("class=\"band\""));
  EXPECT_THAT(course_svg({"x", {100, 90}, -10, NAN, NAN}, {NAN, NAN}), Not(HasSubstr("band")));
  EXPECT_THAT(course_svg({"x", {NAN, NAN}, NAN, NAN, 5}, {}), IsEmpty());
}

TEST(PositionTest, UnusualValuesAreMarkedAndUnknownOnesAreNot) {
  GroupPosition position{
      {"The group: all."},
      {{"left hippocampus", "mm3", 2000, 0.5, -5}, {"left amygdala", "mm3", NAN, NAN, NAN}},
      {{"SNR", "", 10, 50, 0}}};
  HtmlWriter html;
  write_position(html, position);
  const auto text = std::move(html).finish();
  EXPECT_THAT(text, HasSubstr("unusually low"));
  EXPECT_THAT(text, Not(HasSubstr("unusually high")));
  EXPECT_THAT(text, HasSubstr("n/a"));
  EXPECT_THAT(position_svg(NAN), IsEmpty());
  HtmlWriter nothing;
  write_position(nothing, {});
  EXPECT_THAT(std::move(nothing).finish(), IsEmpty());
}

}  // namespace
}  // namespace hypersynth
