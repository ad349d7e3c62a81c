// What looks like an image that can be segmented and is not taken is said, and nothing else is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bids/filter.h"
#include "bids/memory_dataset.h"

namespace hypersynth::bids {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// The only issue of a dataset with one good image and the file `path`.
Issue issue_of(const std::string& path) {
  const auto layout = memory_layout({"sub-01/anat/sub-01_T2w.nii.gz", path});
  EXPECT_THAT(layout.anatomical_images(), SizeIs(1)) << path;
  const auto issues = layout.issues();
  EXPECT_THAT(issues, SizeIs(1)) << path;
  return issues.empty() ? Issue{} : issues[0];
}

TEST(NearMissTest, AnotherExtensionIsNamed) {
  for (const char* extension :
       {".NII.GZ", ".Nii", ".nii.GZ", ".nii.bz2", ".mgz", ".img", ".hdr", ".gz", ".nii.gz~"}) {
    const std::string path = std::string("sub-01/anat/sub-01_T1w") + extension;
    const auto issue = issue_of(path);
    EXPECT_EQ(issue.code, IssueCode::kImageFormat) << path;
    EXPECT_EQ(issue.path, path);
    EXPECT_THAT(issue.message, HasSubstr(std::string("found ") + extension));
  }
}

TEST(NearMissTest, AFileThatWasCompressedTwiceIsNamed) {
  EXPECT_EQ(issue_of("sub-01/anat/sub-01_T1w.nii.gz.gz").code, IssueCode::kImageFormat);
}

TEST(NearMissTest, ASuffixThatIsNotBidsIsNamedWithTheOneThatIs) {
  for (const char* suffix : {"t1w", "T1W", "Flair", "t2starw", "INPLANET2"}) {
    const auto issue = issue_of(std::string("sub-01/anat/sub-01_") + suffix + ".nii.gz");
    EXPECT_EQ(issue.code, IssueCode::kSuffixUnknown) << suffix;
    EXPECT_THAT(issue.message, AllOf(HasSubstr("expected the suffix"), HasSubstr(suffix)));
  }
  EXPECT_EQ(issue_of("sub-01/anat/sub-01_T1.nii.gz").code, IssueCode::kSuffixUnknown);
}

TEST(NearMissTest, AnImageOutsideAnatIsNamed) {
  for (const char* path :
       {"sub-01/Anat/sub-01_T1w.nii.gz", "sub-01/ANAT/sub-01_T1w.nii", "sub-01/sub-01_T1w.nii.gz",
        "sub-01/anatomy/sub-01_t1w.nii.gz", "sub-01/anat/old/sub-01_T1w.nii.gz", "T1w.nii.gz",
        "sub-01_T1w.NII.GZ", "sub-01/Ses-1/anat/sub-01_ses-1_T1w.nii.gz",
        "sub-01/func/sub-01_T1w.nii.gz", "sub-01/ses-1/sub-01_ses-1_FLAIR.nii.gz",
        "sub-01/Anat/scan 1 T1w_T1w.nii.gz"}) {
    const auto issue = issue_of(path);
    EXPECT_EQ(issue.code, IssueCode::kImageOutsideAnat) << path;
    EXPECT_EQ(issue.path, path);
  }
}

TEST(NearMissTest, AFolderNamedNearlyAsASubjectIsNamed) {
  for (const char* folder :
       {"Sub-02", "SUB-02", "sub02", "sub_02", "subject-02", "Subject02", "anat", "Anat"}) {
    const auto issue = issue_of(std::string(folder) + "/anat/sub-02_T1w.nii.gz");
    EXPECT_EQ(issue.code, IssueCode::kSubjectFolderName) << folder;
    EXPECT_EQ(issue.path, folder);
  }
}

TEST(NearMissTest, OfTwoFilesForOneImageTheMessageSaysWhichIsUsed) {
  const auto issue = issue_of("sub-01/anat/sub-01_T2w.nii");
  EXPECT_EQ(issue.code, IssueCode::kDuplicateImage);
  EXPECT_EQ(issue.path, "sub-01/anat/sub-01_T2w.nii");
  EXPECT_THAT(issue.message, HasSubstr("sub-01_T2w.nii.gz, which is used"));
}

TEST(NearMissTest, AnImageThatTakesThePlaceOfAnotherKeepsTheOrderOfNames) {
  const auto layout = memory_layout({"sub-01/anat/sub-01_acq-a_run-1_T1w.nii.gz",
                                     "sub-01/anat/sub-01_acq-b_T1w.nii.gz",
                                     "sub-01/anat/sub-01_run-1_acq-a_T1w.nii.gz"});
  std::vector<std::string> paths;
  for (const auto& image : layout.anatomical_images()) paths.push_back(image.path);
  EXPECT_THAT(paths, ElementsAre("sub-01/anat/sub-01_acq-b_T1w.nii.gz",
                                 "sub-01/anat/sub-01_run-1_acq-a_T1w.nii.gz"));
}

TEST(NearMissTest, ImagesBelowBidsignoreAreCountedOnce) {
  const auto layout =
      memory_layout({"sub-01/anat/sub-01_T1w.nii.gz", "sub-02/anat/sub-02_T1w.nii.gz",
                     "sub-02/func/sub-02_task-x_bold.nii.gz", "sub-03/ses-1/anat/x_T1w.nii.gz",
                     "sub-03/ses-1/anat/sub-03_ses-1_T2w.nii.gz"},
                    {{".bidsignore", "sub-02/\n*_T2w.nii.gz\n/sub-03/**/x_*\n"}});
  const auto issues = layout.issues();
  ASSERT_THAT(codes_of(issues), ElementsAre(IssueCode::kImagesIgnored));
  EXPECT_EQ(issues[0].path, ".bidsignore");
  EXPECT_THAT(issues[0].message,
              AllOf(HasSubstr("3 files"), HasSubstr("sub-02/anat/sub-02_T1w.nii.gz")));
}

TEST(NearMissTest, OrdinaryFilesAreNone) {
  const auto layout = memory_layout({"sub-01/anat/sub-01_T1w.nii.gz",
                                     "sub-01/anat/sub-01_T1w.json",
                                     "sub-01/anat/sub-01_T2star.nii.gz",
                                     "sub-01/anat/sub-01_inv-1_MP2RAGE.nii.gz",
                                     "sub-01/anat/sub-01_mod-T1w_defacemask.nii.gz",
                                     "sub-01/anat/sub-01_angio.nii.gz",
                                     "sub-01/anat/sub-01_part-phase_T2starw.nii.gz",
                                     "sub-01/anat/sub-01_T1map.nii.gz",
                                     "sub-01/func/sub-01_task-x_bold.nii.gz",
                                     "sub-01/dwi/sub-01_dwi.nii.gz",
                                     "sub-01/fmap/sub-01_magnitude1.nii.gz",
                                     "derivatives/x/sub-01/sub-01_T1w.nii.gz",
                                     "sourcedata/sub-01/T1w.nii.gz",
                                     "sub-01/sourcedata/T1w.nii.gz",
                                     "code/T1w.nii.gz",
                                     "subjects/x",
                                     "participants.tsv_T1w",
                                     "sub-01/func/sub-01_space-T1w_bold.nii.gz",
                                     "sub-01/func/sub-01_T1w.json",
                                     "sub-01/meg/sub-01_task-x_meg.ds/x_T1w.nii.gz"});
  EXPECT_THAT(layout.issues(), IsEmpty());
}

/// What is said of a selection from a dataset of two participants.
Issues selected(const Selection& selection) {
  const auto layout = memory_layout({"sub-01/ses-a/anat/sub-01_ses-a_run-1_T1w.nii.gz",
                                     "sub-02/ses-b/anat/sub-02_ses-b_T1w.nii.gz",
                                     "sub-02/ses-b/anat/sub-02_ses-b_FLAIR.nii.gz",
                                     "sub-03/func/sub-03_task-x_bold.nii.gz"});
  select_images(layout, selection);
  return layout.issues();
}

TEST(UnmatchedRequestTest, EverythingAskedForThatFitsNoImageIsNamed) {
  EXPECT_THAT(selected({.participants = {"01", "02"}, .sessions = {"a", "b"}}), IsEmpty());
  const auto message = [](const Selection& selection) {
    const auto issues = selected(selection);
    EXPECT_THAT(codes_of(issues), ElementsAre(IssueCode::kNothingMatches));
    return issues.empty() ? "" : issues[0].message;
  };
  EXPECT_THAT(message({.participants = {"01", "sub-03"}}), HasSubstr("subject"));
  EXPECT_THAT(message({.participants = {"01", "sub-03"}}), HasSubstr(": 03"));
  EXPECT_THAT(message({.participants = {"01"}, .sessions = {"a", "ses-b"}}),
              AllOf(HasSubstr("session"), HasSubstr(": b")));
  EXPECT_THAT(message({.modalities = {"T1w", "t2w"}}),
              HasSubstr("modality that was asked for: T2w"));
  EXPECT_THAT(codes_of(selected({.sessions = {"a", "9"}})), ElementsAre(IssueCode::kUnknownLabel));
}

TEST(UnmatchedRequestTest, WhatAFilterFileHasThatFitsNothingIsNamed) {
  const auto messages = [](const std::string& text) {
    Selection selection;
    Issues issues;
    selection.filters = parse_filter_file(text, "filter.json", issues);
    std::vector<std::string> found;
    for (const auto& issue : selected(selection)) {
      EXPECT_EQ(issue.code, IssueCode::kNothingMatches);
      EXPECT_EQ(issue.path, "filter.json");
      found.push_back(issue.message);
    }
    return found;
  };
  EXPECT_THAT(messages(R"({"t1w": {"session": ["a", "b", null]}, "flair": {"session": "b"}})"),
              IsEmpty());
  EXPECT_THAT(messages(R"({"t1w": {"session": ["a", "9"], "run": 4}})"),
              ElementsAre("filter of T1w: no image has the session 9; no image has the run 4"));
  EXPECT_THAT(messages(R"({"flair": {"session": "a"}})"),
              ElementsAre("filter of FLAIR: it lets no image through"));
  EXPECT_THAT(messages(R"({"t2w": {"session": "a"}})"),
              ElementsAre("filter of T2w: the dataset has no such image"));
}

}  // namespace
}  // namespace hypersynth::bids
