// Which images of a person are compared over sessions, and what the table of them says.

#include "nodes/session_series.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nodes/longitudinal.h"

namespace hypersynth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ImageResult image(const std::string& name, const std::string& time = "",
                  double hippocampus = 4000) {
  ImageResult result;
  const std::string session = name.substr(0, name.find('_'));
  result.record.path = "sub-01/" + session + "/anat/sub-01_" + name + ".nii.gz";
  result.record.suffix = name.substr(name.rfind('_') + 1);
  result.record.metadata = nlohmann::json::object();
  if (!time.empty()) result.record.metadata["acq_time"] = time;
  result.record.verdict = "pass";
  result.record.recipe.model = "m";
  result.record.recipe.model_digest = "ab";
  result.record.geometry.spacing_mm = {1, 1, 1};
  result.record.intracranial_mm3 = 1.4e6;
  result.volumes = {{17, "left hippocampus", hippocampus, hippocampus, 1}};
  result.subject = "01";
  return result;
}

std::vector<std::string> sessions_of(const SessionSeries& series) {
  std::vector<std::string> sessions;
  for (const auto* image : series.images) sessions.push_back(session_of_image(*image));
  return sessions;
}

TEST(SessionSeriesTest, OneSessionIsNoSeries) {
  EXPECT_THAT(session_series({image("ses-1_T1w"), image("ses-1_T2w")}), IsEmpty());
  EXPECT_THAT(session_series({image("ses-1_T1w"), image("ses-2_T2w")}), IsEmpty());
  EXPECT_THAT(session_series({}), IsEmpty());
}

TEST(SessionSeriesTest, SessionsAreInTheOrderOfTheirTimes) {
  const std::vector<ImageResult> images = {image("ses-a_T1w", "1902-01-01"),
                                           image("ses-b_T1w", "1900-01-01T08:00:00")};
  const auto series = session_series(images);
  ASSERT_EQ(series.size(), 1u);
  EXPECT_EQ(series[0].name, "T1w");
  EXPECT_THAT(sessions_of(series[0]), ElementsAre("b", "a"));
  EXPECT_NEAR(series[0].years[1], 2, 0.01);
  EXPECT_THAT(series[0].notes, IsEmpty());
}

TEST(SessionSeriesTest, WithoutATimeTheyAreInTheOrderOfTheirLabelsAndThatIsSaid) {
  const std::vector<ImageResult> images = {image("ses-10_T1w", "2001-01-01"), image("ses-9_T1w")};
  const auto series = session_series(images);
  EXPECT_THAT(sessions_of(series.at(0)), ElementsAre("9", "10"));
  EXPECT_THAT(series[0].years, IsEmpty());
  EXPECT_THAT(series[0].notes, ElementsAre(HasSubstr("not known: ses-9.")));
}

TEST(SessionSeriesTest, AgesServeWhereDatesDoNot) {
  std::vector<ImageResult> images = {image("ses-1_T1w"), image("ses-2_T1w")};
  images[0].record.metadata["session_age"] = "61";
  images[1].record.metadata["session_age"] = "64";
  const auto series = session_series(images);
  EXPECT_EQ(series.at(0).years, (std::vector<double>{0, 3}));
  EXPECT_TRUE(series[0].by_age);
  EXPECT_EQ(time_of_image(images[1]), "64 years");
}

TEST(SessionSeriesTest, OfSeveralRunsTheFirstIsTakenThatDidNotFail) {
  std::vector<ImageResult> images = {image("ses-1_run-1_T1w", "2001-01-01"),
                                     image("ses-1_run-2_T1w", "2001-01-01"),
                                     image("ses-2_T1w", "2002-01-01")};
  images[0].record.verdict = "fail";
  const auto series = session_series(images);
  ASSERT_EQ(series.size(), 1u);
  EXPECT_EQ(series[0].images[0], &images[1]);
  EXPECT_THAT(series[0].notes, ElementsAre(HasSubstr("Left out: sub-01_ses-1_run-1_T1w.nii.gz.")));
}

TEST(SessionSeriesTest, ImagesOfAnotherKindAreAnotherSeries) {
  const std::vector<ImageResult> images = {image("ses-1_acq-fast_T1w"), image("ses-1_T1w"),
                                           image("ses-2_acq-fast_T1w"), image("ses-2_T1w")};
  const auto series = session_series(images);
  ASSERT_EQ(series.size(), 2u);
  EXPECT_EQ(series[0].name, "T1w");
  EXPECT_EQ(series[1].name, "acq-fast T1w");
}

TEST(SessionSeriesTest, WhatWasMadeWithAnotherModelIsLeftOutAndSaid) {
  std::vector<ImageResult> images = {image("ses-1_T1w", "2001-01-01"),
                                     image("ses-2_T1w", "2002-01-01"),
                                     image("ses-3_T1w", "2003-01-01")};
  images[1].record.recipe.model_digest = "cd";
  const auto series = session_series(images);
  EXPECT_THAT(sessions_of(series.at(0)), ElementsAre("1", "3"));
  EXPECT_THAT(series[0].notes, ElementsAre(HasSubstr("sub-01_ses-2_T1w.nii.gz.")));
  images.pop_back();
  const auto none = session_series(images);
  EXPECT_THAT(sessions_of(none.at(0)), ElementsAre("2"));  // of the last session
  const auto report = longitudinal_report(none, {});
  EXPECT_THAT(report.series.at(0).structures, IsEmpty());
}

TEST(SessionSeriesTest, AnotherScannerIsSaid) {
  std::vector<ImageResult> images = {image("ses-1_T1w", "2001-01-01"),
                                     image("ses-2_T1w", "2002-01-01")};
  images[0].record.metadata["MagneticFieldStrength"] = 1.5;
  images[1].record.metadata["MagneticFieldStrength"] = 3;
  images[1].record.geometry.spacing_mm = {1, 1, 1.2};
  images[0].record.precision = "float32";
  images[1].record.precision = "bfloat16";
  EXPECT_THAT(session_series(images).at(0).notes,
              ElementsAre(HasSubstr(
                  "differ in MagneticFieldStrength, voxel size, the precision of the network")));
}

TEST(LongitudinalTest, ChangesBeyondTheLimitAreMarkedWhereTheModelHasLimits) {
  const std::vector<ImageResult> images = {image("ses-1_T1w", "2001-01-01", 4000),
                                           image("ses-2_T1w", "2002-01-01", 3600)};
  const auto series = session_series(images);
  const auto retest = RetestTable::parse(
      "model_xxh3\tfast\tsuffix\tindex\tname\tpairs\tspread_percent\n"
      "ab\tno\tT1w\t0\ticv\t5\t1\nab\tno\tT1w\t17\tx\t5\t2\n",
      "t.tsv");
  const auto with = longitudinal_report(series, retest).series.at(0);
  ASSERT_EQ(with.structures.size(), 2u);
  EXPECT_EQ(with.structures[0].name, "intracranial volume");
  EXPECT_FALSE(with.structures[0].is_notable());
  EXPECT_NEAR(with.structures[1].change_percent, -10.526, 0.001);
  EXPECT_NEAR(with.structures[1].limit_percent, 5.141, 0.001);
  EXPECT_TRUE(with.structures[1].is_notable());
  EXPECT_THAT(with.limit_source, HasSubstr("5 people"));
  const auto without = longitudinal_report(series, {}).series.at(0);
  EXPECT_FALSE(without.structures[1].is_notable());
  EXPECT_THAT(without.limit_source, HasSubstr("no change is marked"));
}

TEST(LongitudinalTest, TheTableHasARowForEachSessionAndTheChangeInTheLast) {
  const std::vector<ImageResult> images = {image("ses-1_T1w", "2001-01-01", 4000),
                                           image("ses-2_T1w", "2003-01-01", 3600)};
  const auto text = longitudinal_table(longitudinal_report(session_series(images), {}));
  EXPECT_THAT(text,
              HasSubstr("T1w\tleft hippocampus\tses-1\tsub-01/ses-1/anat/"
                        "sub-01_ses-1_T1w.nii.gz\t2001-01-01\t0\t4000\tn/a\tn/a\tn/a\tn/a\n"));
  EXPECT_THAT(text, HasSubstr("\t2003-01-01\t1.99863\t3600\t-10.5263\t-5.26676\tn/a\tn/a\n"));
  const auto sidecar = nlohmann::json::parse(longitudinal_sidecar());
  const std::string header = text.substr(0, text.find('\n'));
  for (const auto& column : sidecar.items()) EXPECT_THAT(header, HasSubstr(column.key()));
  EXPECT_EQ(std::count(header.begin(), header.end(), '\t') + 1,
            static_cast<std::ptrdiff_t>(sidecar.size()));
}

}  // namespace
}  // namespace hypersynth
