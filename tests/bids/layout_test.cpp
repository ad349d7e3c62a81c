#include "bids/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bids/memory_dataset.h"

namespace hypersynth::bids {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(AnatomicalImagesTest, AreTheSegmentableSuffixesInAnatFoldersOfSubjectsAndSessions) {
  const auto layout = memory_layout(
      {"sub-01/anat/sub-01_T1w.nii.gz", "sub-01/anat/sub-01_T2w.nii",
       "sub-01/anat/sub-01_angio.nii.gz", "sub-01/anat/sub-01_T1w.json",
       "sub-01/func/sub-01_task-rest_T1w.nii.gz", "sub-01/sub-01_T1w.nii.gz",
       "sub-01/anat/old/sub-01_T1w.nii.gz", "sub-02/ses-b/anat/sub-02_ses-b_UNIT1.nii.gz",
       "sub-02/ses-b/anat/sub-02_ses-b_inplaneT1.nii.gz", "sub-02/anat/sub-02_MEGRE.nii.gz"});
  EXPECT_THAT(paths_of(layout.anatomical_images()),
              ElementsAre("sub-01/anat/sub-01_T1w.nii.gz", "sub-01/anat/sub-01_T2w.nii",
                          "sub-02/ses-b/anat/sub-02_ses-b_UNIT1.nii.gz",
                          "sub-02/ses-b/anat/sub-02_ses-b_inplaneT1.nii.gz"));
  EXPECT_THAT(codes_of(layout.issues()), testing::Each(IssueCode::kImageOutsideAnat));
}

TEST(AnatomicalImagesTest, NeverComeFromFoldersThatAreNotRawData) {
  std::vector<std::string> paths;
  for (const char* folder :
       {"derivatives/x/", "tpl-MNI/", "code/", "stimuli/", "sourcedata/", "models/", ".git/",
        "backup/", "sub-01/.hidden/", "sub-01/anat/sub-01_T1w.zarr/", "sub-01/sourcedata/"}) {
    paths.push_back(std::string(folder) + "sub-01/anat/sub-01_T1w.nii.gz");
    paths.push_back(std::string(folder) + "anat/sub-01_T1w.nii.gz");
  }
  paths.push_back("sub-01/anat/.sub-01_T1w.nii.gz");
  EXPECT_THAT(memory_layout(paths).anatomical_images(), IsEmpty());
}

TEST(AnatomicalImagesTest, LeaveOutPhaseImagesAndKeepMagnitude) {
  const auto layout = memory_layout({"sub-01/anat/sub-01_part-mag_T2starw.nii.gz",
                                     "sub-01/anat/sub-01_part-phase_T2starw.nii.gz"});
  EXPECT_THAT(paths_of(layout.anatomical_images()),
              ElementsAre("sub-01/anat/sub-01_part-mag_T2starw.nii.gz"));
}

TEST(AnatomicalImagesTest, LeaveOutFoldersThatPoseAsImagesAndSaySo) {
  const auto layout = memory_layout({"sub-01/anat/sub-01_T1w.nii.gz/data"});
  EXPECT_THAT(layout.anatomical_images(), IsEmpty());
  EXPECT_THAT(codes_of(layout.issues()), ElementsAre(IssueCode::kImageIsDirectory));
}

TEST(AnatomicalImagesTest, LeaveOutDerivativesThatLieAmongRawImages) {
  const auto layout = memory_layout({"sub-01/anat/sub-01_desc-preproc_T1w.nii.gz"});
  EXPECT_THAT(layout.anatomical_images(), IsEmpty());
  EXPECT_THAT(codes_of(layout.issues()), ElementsAre(IssueCode::kDerivativeName));
}

TEST(AnatomicalImagesTest, OfTwoFilesForOneImageOneIsKept) {
  const auto layout = memory_layout({"sub-01/anat/sub-01_T1w.nii", "sub-01/anat/sub-01_T1w.nii.gz",
                                     "sub-02/anat/sub-02_acq-a_run-1_T1w.nii.gz",
                                     "sub-02/anat/sub-02_run-1_acq-a_T1w.nii.gz"});
  EXPECT_THAT(
      paths_of(layout.anatomical_images()),
      ElementsAre("sub-01/anat/sub-01_T1w.nii.gz", "sub-02/anat/sub-02_run-1_acq-a_T1w.nii.gz"));
  EXPECT_THAT(
      codes_of(layout.issues()),
      ElementsAre(IssueCode::kDuplicateImage, IssueCode::kEntityOrder, IssueCode::kDuplicateImage));
}

TEST(AnatomicalImagesTest, WithTheNameOfAnotherSubjectOrSessionAreLeftOutAndNamed) {
  const auto layout = memory_layout({"sub-01/anat/sub-02_T1w.nii.gz", "sub-01/anat/T1w.nii.gz",
                                     "sub-03/ses-1/anat/sub-03_T1w.nii.gz",
                                     "sub-04/ses-1/anat/sub-04_ses-2_T1w.nii.gz"});
  EXPECT_THAT(layout.anatomical_images(), IsEmpty());
  EXPECT_THAT(codes_of(layout.issues()), testing::Each(IssueCode::kEntityMismatch));
  EXPECT_EQ(layout.issues().size(), 4u);
}

TEST(AnatomicalImagesTest, OddNamesAreReportedOnOneLine) {
  const auto layout = memory_layout(
      {"sub-01/anat/sub-01_\n\"T1w\" \xC3\xA9\xFF.nii.gz", "sub-01/anat/sub-01_foo-1_T1w.nii.gz"});
  EXPECT_THAT(paths_of(layout.anatomical_images()),
              ElementsAre("sub-01/anat/sub-01_foo-1_T1w.nii.gz"));
  ASSERT_THAT(codes_of(layout.issues()),
              ElementsAre(IssueCode::kNameInvalid, IssueCode::kEntityUnknown));
  // dump() throws where text is not UTF-8.
  const auto text = to_json(layout.issues()[0]).dump();
  EXPECT_THAT(text, HasSubstr("\\n"));
}

TEST(AnatomicalImagesTest, WithoutContentAreKeptAndSayHowToGetIt) {
  const auto layout =
      memory_layout({}, {}, {"sub-01/anat/sub-01_T1w.nii.gz", "sub-01/func/sub-01_bold.nii.gz"});
  const auto images = layout.anatomical_images();
  ASSERT_EQ(images.size(), 1u);
  EXPECT_FALSE(images[0].has_content);
  const auto issues = layout.issues();
  ASSERT_THAT(codes_of(issues), ElementsAre(IssueCode::kBrokenLink, IssueCode::kBrokenLink));
  EXPECT_THAT(issues[0].message, HasSubstr("`datalad get sub-01/anat/sub-01_T1w.nii.gz`"));
  EXPECT_EQ(issues[1].path, "sub-01/func");
  EXPECT_THAT(issues[1].message, HasSubstr("`datalad get sub-01/func`"));
}

TEST(LayoutTest, EveryIssueButThatOfTheDatasetHasAPath) {
  const auto layout = memory_layout({}, {}, {"participants.tsv", "sub-01", "sub-02/anat/x"});
  std::vector<std::string> paths;
  for (const auto& issue : layout.issues()) {
    EXPECT_EQ(issue.code, IssueCode::kBrokenLink);
    paths.push_back(issue.path);
  }
  EXPECT_THAT(paths, ElementsAre("participants.tsv", "sub-01", "sub-02/anat"));
}

TEST(LayoutTest, WhatBidsignoreNamesIsNotPartOfTheDataset) {
  const auto layout =
      memory_layout({"sub-01/anat/sub-01_T1w.nii.gz", "sub-02/anat/sub-02_T1w.nii.gz",
                     "sub-03/anat/sub-03_T2w.nii.gz"},
                    {{".bidsignore", "# comment\nsub-02/\n*_T2w.nii.gz\n"}});
  EXPECT_THAT(paths_of(layout.anatomical_images()), ElementsAre("sub-01/anat/sub-01_T1w.nii.gz"));
  EXPECT_THAT(layout.subjects(), ElementsAre("01", "03"));
}

TEST(LayoutTest, WithoutDescriptionThrowsAndNamesTheFile) {
  try {
    Layout::index(memory_source({{{"sub-01/anat/sub-01_T1w.nii.gz", ""}}, {}, {}}), "dataset");
    FAIL();
  } catch (const DatasetError& error) {
    EXPECT_EQ(error.code(), IssueCode::kDatasetDescriptionMissing);
    EXPECT_THAT(error.what(), HasSubstr("dataset/dataset_description.json: expected"));
  }
}

TEST(LayoutTest, WithoutDescriptionIsIndexedOnRequest) {
  const auto layout = Layout::index(
      memory_source({{{"sub-01/anat/sub-01_T1w.nii.gz", ""}}, {}, {}}), "x", {false, {}});
  EXPECT_EQ(layout.anatomical_images().size(), 1u);
  EXPECT_THAT(codes_of(layout.issues()), ElementsAre(IssueCode::kDatasetDescriptionMissing));
}

TEST(LayoutTest, ExternalDerivativesAreReadAsSuchWithoutADatasetType) {
  const auto source = memory_source({{{"dataset_description.json", kDescription},
                                      {"sub-01/anat/sub-01_desc-manual_dseg.nii.gz", ""},
                                      {"atlas/x_dseg.tsv", ""}},
                                     {},
                                     {}});
  const auto layout = Layout::index(source, "x", {true, {}, true});
  EXPECT_EQ(layout.find(Query{{}, {"dseg"}, {}, {}}).size(), 1u);
  EXPECT_TRUE(layout.tree().find("atlas/x_dseg.tsv"));
  EXPECT_THAT(layout.issues(), IsEmpty());
}

TEST(LayoutTest, AMissingFolderThrows) {
  try {
    Layout::index("/no/such/folder");
    FAIL();
  } catch (const DatasetError& error) {
    EXPECT_EQ(error.code(), IssueCode::kDatasetMissing);
    EXPECT_THAT(error.what(), HasSubstr("/no/such/folder"));
  }
}

TEST(LayoutTest, AnUnreadableFolderIsAnIssueAndTheRestGoesOn) {
  const auto layout = memory_layout(
      {"sub-01/anat/sub-01_T1w.nii.gz", "sub-02/anat/sub-02_T1w.nii.gz"}, {}, {}, {"sub-01/anat"});
  EXPECT_THAT(paths_of(layout.anatomical_images()), ElementsAre("sub-02/anat/sub-02_T1w.nii.gz"));
  ASSERT_THAT(codes_of(layout.issues()), ElementsAre(IssueCode::kDirectoryUnreadable));
  EXPECT_EQ(layout.issues()[0].path, "sub-01/anat");
}

TEST(LayoutTest, FindsByAnyEntitySuffixExtensionAndDatatype) {
  const auto layout = memory_layout(
      {"sub-01/func/sub-01_task-rest_run-01_bold.nii.gz", "sub-01/func/sub-01_task-rest_bold.json",
       "sub-01/func/sub-01_task-nback_bold.nii.gz", "sub-02/func/sub-02_task-rest_bold.nii.gz",
       "task-rest_bold.json"});
  const auto find = [&](Entity entity, Match match) {
    Query query{{{entity, std::move(match)}}, {"bold"}, {".nii.gz"}, {"func"}};
    return paths_of(layout.find(query));
  };
  const std::string run = "sub-01/func/sub-01_task-rest_run-01_bold.nii.gz";
  const std::string nback = "sub-01/func/sub-01_task-nback_bold.nii.gz";
  const std::string second = "sub-02/func/sub-02_task-rest_bold.nii.gz";
  EXPECT_THAT(find(Entity::kRun, Match::one_of({"1"})), ElementsAre(run));
  EXPECT_THAT(find(Entity::kRun, Match::absent()), ElementsAre(nback, second));
  EXPECT_THAT(find(Entity::kRun, Match::present()), ElementsAre(run));
  EXPECT_THAT(find(Entity::kRun, Match::one_of({"2"}).or_absent()), ElementsAre(nback, second));
  EXPECT_THAT(find(Entity::kTask, Match::one_of({"nback", "other"})), ElementsAre(nback));
  EXPECT_THAT(find(Entity::kTask, Match::pattern("re.*")), ElementsAre(run, second));
  EXPECT_THAT(layout.find(Query{{}, {"bold"}, {".json"}, {}}), testing::SizeIs(2));
  EXPECT_THAT(layout.find(Query{{}, {"nothing"}, {}, {}}), IsEmpty());
}

TEST(LayoutTest, ABrokenPatternIsAnErrorThatShowsIt) {
  try {
    Match::pattern("re(");
    FAIL();
  } catch (const DatasetError& error) {
    EXPECT_THAT(error.what(), HasSubstr("re("));
  }
}

TEST(LayoutTest, GivesFilesByPath) {
  const auto layout = memory_layout({"sub-01/ses-2/anat/sub-01_ses-2_T1w.nii.gz"});
  const auto file = layout.find("sub-01/ses-2/anat/sub-01_ses-2_T1w.nii.gz");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->datatype, "anat");
  EXPECT_EQ(file->entities.get(Entity::kSession), "2");
  EXPECT_FALSE(layout.find("sub-01/ses-2/anat/sub-01_ses-2_T2w.nii.gz"));
  EXPECT_FALSE(layout.find("sub-01/ses-2"));
  EXPECT_FALSE(layout.find(""));
  EXPECT_THAT(layout.sessions(), ElementsAre("2"));
}

TEST(LayoutTest, RecordingsThatAreFoldersAreOneFile) {
  const auto layout = memory_layout(
      {"sub-01/meg/sub-01_task-x_meg.ds/a.meg4", "sub-01/micr/sub-01_SPIM.ome.zarr/0/.zarray"});
  EXPECT_EQ(paths_of(layout.find(Query{{}, {"meg"}, {}, {}})),
            std::vector<std::string>{"sub-01/meg/sub-01_task-x_meg.ds"});
  EXPECT_EQ(layout.find(Query{{}, {"SPIM"}, {".ome.zarr"}, {}}).size(), 1u);
}

TEST(LayoutTest, ADerivativeDatasetIsAskedByQuery) {
  const auto layout =
      memory_layout({"sub-01/anat/sub-01_desc-manual_dseg.nii.gz", "logs/x_T1w.nii.gz"},
                    {{"dataset_description.json",
                      R"({"Name": "x", "BIDSVersion": "1.10.1", "DatasetType": "derivative"})"}});
  EXPECT_EQ(layout.find(Query{{}, {"dseg"}, {".nii.gz"}, {"anat"}}).size(), 1u);
  EXPECT_THAT(layout.find(Query{{}, {"T1w"}, {}, {}}), IsEmpty());
  EXPECT_THAT(codes_of(layout.issues()), ElementsAre(IssueCode::kDatasetIsDerivative));
}

}  // namespace
}  // namespace hypersynth::bids
