#include "bids/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bids/memory_dataset.h"

namespace hypersynth::bids {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Layout two_subjects() {
  return memory_layout({"sub-01/ses-a/anat/sub-01_ses-a_T1w.nii.gz",
                        "sub-01/ses-b/anat/sub-01_ses-b_acq-x_run-01_T1w.nii",
                        "sub-01/ses-b/anat/sub-01_ses-b_acq-y_run-02_T1w.nii.gz",
                        "sub-02/ses-a/anat/sub-02_ses-a_T1w.nii.gz",
                        "sub-02/ses-a/anat/sub-02_ses-a_FLAIR.nii.gz", "sub-03/beh/x.tsv"});
}

std::vector<std::string> selected(const Selection& selection) {
  std::vector<std::string> names;
  for (const auto& file : select_images(two_subjects(), selection))
    names.push_back(file.path.substr(file.path.rfind('/') + 1));
  return names;
}

std::vector<std::string> filtered(const std::string& text) {
  Issues issues;
  Selection selection;
  selection.filters = parse_filter_file(text, "filter.json", issues);
  EXPECT_THAT(issues, IsEmpty());
  return selected(selection);
}

std::string error_of(const Selection& selection) {
  try {
    selected(selection);
  } catch (const DatasetError& error) {
    return error.what();
  }
  return "no error";
}

TEST(SelectImagesTest, NothingAskedForIsEverything) { EXPECT_THAT(selected({}), SizeIs(5)); }

TEST(SelectImagesTest, ParticipantsAreGivenWithOrWithoutPrefix) {
  EXPECT_THAT(selected({.participants = {"02"}}), SizeIs(2));
  EXPECT_THAT(selected({.participants = {"sub-02", "01"}}), SizeIs(5));
  EXPECT_THAT(selected({.excluded_participants = {"sub-02"}}), SizeIs(3));
  EXPECT_THAT(selected({.participants = {"02"}, .excluded_participants = {"02"}}), IsEmpty());
  EXPECT_THAT(selected({.participants = {"03"}}), IsEmpty());
}

TEST(SelectImagesTest, EveryUnknownLabelIsNamed) {
  EXPECT_EQ(error_of({.participants = {"01", "sub-7", "1"}}),
            "no such subject in the dataset: 7, 1");
  EXPECT_THAT(error_of({.excluded_participants = {"x\n"}}), HasSubstr("x\\x0a"));
  EXPECT_THAT(error_of({.sessions = {"c"}}), HasSubstr("no such session in the dataset: c"));
  EXPECT_THAT(error_of({.runs = {"3"}}), HasSubstr("no such run in the dataset: 3"));
  EXPECT_THAT(error_of({.modalities = {"bold"}}), HasSubstr("no such modality: bold"));
}

TEST(SelectImagesTest, OneUnknownSessionAmongOthersIsAnIssue) {
  const auto layout = two_subjects();
  EXPECT_THAT(select_images(layout, {.sessions = {"a", "c", "d"}}), SizeIs(3));
  ASSERT_THAT(codes_of(layout.issues()), ElementsAre(IssueCode::kUnknownLabel));
  EXPECT_EQ(layout.issues()[0].message, "no such session in the dataset: c, d");
}

TEST(SelectImagesTest, SessionsRunsAndModalitiesNarrowTheSelection) {
  EXPECT_THAT(selected({.sessions = {"ses-b"}}), SizeIs(2));
  EXPECT_THAT(selected({.runs = {"1"}}), ElementsAre("sub-01_ses-b_acq-x_run-01_T1w.nii"));
  EXPECT_THAT(selected({.modalities = {"flair"}}), ElementsAre("sub-02_ses-a_FLAIR.nii.gz"));
  EXPECT_THAT(selected({.sessions = {"a"}, .modalities = {"T1w"}}), SizeIs(2));
}

TEST(FilterFileTest, NullMeansAbsentAndStarMeansPresent) {
  EXPECT_THAT(filtered(R"({"t1w": {"acquisition": null}})"),
              ElementsAre("sub-01_ses-a_T1w.nii.gz", "sub-02_ses-a_FLAIR.nii.gz",
                          "sub-02_ses-a_T1w.nii.gz"));
  EXPECT_THAT(filtered(R"({"t1w": {"acquisition": "*"}, "flair": {"run": "*"}})"), SizeIs(2));
}

TEST(FilterFileTest, AListMeansOneOf) {
  EXPECT_THAT(filtered(R"({"t1w": {"acquisition": ["x", null]}})"), SizeIs(4));
  EXPECT_THAT(filtered(R"({"t1w": {"run": [1, "2"]}, "flair": {"acquisition": "none"}})"),
              SizeIs(2));
}

TEST(FilterFileTest, AnAbsentModalityKeepsAllItsImages) {
  EXPECT_THAT(filtered(R"({"t1w": {"session": "b", "acquisition": "y"}})"),
              ElementsAre("sub-01_ses-b_acq-y_run-02_T1w.nii.gz", "sub-02_ses-a_FLAIR.nii.gz"));
}

TEST(FilterFileTest, SuffixDatatypeAndExtensionReplaceTheUsualOnes) {
  EXPECT_THAT(filtered(R"({"t1w": {"extension": "nii"}})"),
              ElementsAre("sub-01_ses-b_acq-x_run-01_T1w.nii", "sub-02_ses-a_FLAIR.nii.gz"));
  EXPECT_THAT(filtered(R"({"t1w": {"datatype": "func"}})"),
              ElementsAre("sub-02_ses-a_FLAIR.nii.gz"));
  EXPECT_THAT(filtered(R"({"t1w": {"suffix": "T2w"}})"), ElementsAre("sub-02_ses-a_FLAIR.nii.gz"));
  EXPECT_THAT(filtered(R"({"t1w": {"suffix": "T1w", "datatype": "anat", "extension": "*"}})"),
              SizeIs(5));
}

TEST(FilterFileTest, UnknownKeysAreLeftOutAndReported) {
  Issues issues;
  const auto filters = parse_filter_file(
      R"({"bold": {"task": "rest"}, "t1w": {"colour": "red"}, "note": 3})", "filter.json", issues);
  EXPECT_THAT(codes_of(issues), testing::Each(IssueCode::kFilterKeyUnknown));
  EXPECT_THAT(issues, SizeIs(3));
  Selection selection;
  selection.filters = filters;
  EXPECT_THAT(selected(selection), SizeIs(5));
}

TEST(FilterFileTest, SessionsOnTheCommandLineAsWellAreAConflict) {
  Issues issues;
  Selection selection{.sessions = {"a"}};
  selection.filters = parse_filter_file(R"({"t2w": {"session": "a"}})", "f", issues);
  EXPECT_THAT(error_of(selection), HasSubstr("--session-label"));
  selection.filters = parse_filter_file(R"({"t1w": {"acquisition": null}})", "f", issues);
  EXPECT_THAT(selected(selection), SizeIs(3));
}

TEST(FilterFileTest, WhatIsNoFilterIsRefusedWithItsPlace) {
  const auto message = [](const std::string& text) -> std::string {
    Issues issues;
    try {
      parse_filter_file(text, "filter.json", issues);
    } catch (const DatasetError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message("{"), HasSubstr("filter.json: line 1, column 2"));
  EXPECT_THAT(message("[]"), HasSubstr("expected a JSON object"));
  EXPECT_THAT(message(R"({"t1w": "x"})"), HasSubstr("filter.json: t1w: expected an object"));
  EXPECT_THAT(message(R"({"t1w": {"run": {}}})"), HasSubstr("t1w.run: expected text"));
  EXPECT_THAT(message(R"({"t1w": {"run": [1.5]}})"), HasSubstr("found number"));
}

}  // namespace
}  // namespace hypersynth::bids
