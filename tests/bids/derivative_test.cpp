#include "bids/derivative.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bids/memory_dataset.h"
#include "support/temporary_folder.h"

namespace hypersynth::bids {
namespace {

DataFile image(const std::string& path) { return *memory_layout({path}).find(path); }

TEST(OutputPathTest, KeepsAllEntitiesAndAddsSpaceInTheOrderOfTheStandard) {
  const auto source = image("sub-01/ses-2/anat/sub-01_ses-2_acq-x_run-1_echo-2_chunk-3_T2w.nii");
  EXPECT_EQ(output_path(source, {"dseg", ".nii.gz", "hypersynth", ""}),
            "sub-01/ses-2/anat/"
            "sub-01_ses-2_acq-x_run-1_echo-2_space-T2w_chunk-3_desc-hypersynth_dseg.nii.gz");
  EXPECT_EQ(output_path(source, {"T2w", ".nii.gz", "preproc", "1mm"}),
            "sub-01/ses-2/anat/"
            "sub-01_ses-2_acq-x_run-1_echo-2_space-T2w_chunk-3_res-1mm_desc-preproc_T2w.nii.gz");
}

TEST(OutputPathTest, ASubjectWithoutSessionsHasNoSessionFolder) {
  EXPECT_EQ(output_path(image("sub-01/anat/sub-01_T1w.nii.gz"), {"mask", ".json", "brain", ""}),
            "sub-01/anat/sub-01_space-T1w_desc-brain_mask.json");
}

TEST(SpatialSidecarTest, NamesTheSourceByUri) {
  const auto sidecar = spatial_sidecar(image("sub-01/anat/sub-01_T1w.nii.gz"));
  EXPECT_EQ(sidecar["Sources"], nlohmann::json::array({"bids:raw:sub-01/anat/sub-01_T1w.nii.gz"}));
  EXPECT_EQ(sidecar["SpatialReference"], "bids:raw:sub-01/anat/sub-01_T1w.nii.gz");
  EXPECT_EQ(nlohmann::json::parse(format_sidecar(sidecar)), sidecar);
}

TEST(SidecarTextTest, BytesThatAreNoUtf8AreReplaced) {
  EXPECT_TRUE(nlohmann::json::accept(format_sidecar({{"name", "a\xFF"}})));
}

TEST(LookupTableTest, HasTheColumnsOfTheStandard) {
  EXPECT_EQ(format_lookup_table({{0, "background", "BG", "#000000", "0"},
                                 {17, "left hippocampus", "LH", "#dcd814", ""}}),
            "index\tname\tabbreviation\tcolor\tmapping\n"
            "0\tbackground\tBG\t#000000\t0\n"
            "17\tleft hippocampus\tLH\t#dcd814\tn/a\n");
}

TEST(DatasetDescriptionTest, MissingAndWrongKeysAreReportedAndTheRestIsRead) {
  const auto source =
      memory_source({{{"dataset_description.json",
                       R"({"Name": 3, "DatasetLinks": {"a": 1, "b": "x"}, "GeneratedBy": "me"})"}},
                     {},
                     {}});
  Issues issues;
  const auto description = read_description(*source, issues);
  EXPECT_THAT(codes_of(issues), testing::ElementsAre(IssueCode::kDatasetDescriptionInvalid,
                                                     IssueCode::kDatasetDescriptionInvalid));
  EXPECT_EQ(description.dataset_type, "raw");
  EXPECT_EQ(description.dataset_links.size(), 1u);
}

DatasetDescription description_of(MemoryFiles files, Issues& issues) {
  return read_description(*memory_source(std::move(files)), issues);
}

TEST(DatasetDescriptionTest, AnUnknownDatasetTypeIsReported) {
  for (const char* type : {"5", R"("Raw")", "null", "[\"raw\"]"}) {
    Issues issues;
    description_of(
        {{{"dataset_description.json",
           R"({"Name": "x", "BIDSVersion": "1.10.1", "DatasetType": )" + std::string(type) + "}"}},
         {},
         {}},
        issues);
    ASSERT_THAT(codes_of(issues), testing::ElementsAre(IssueCode::kDatasetDescriptionInvalid));
    EXPECT_THAT(issues[0].message, testing::HasSubstr(type));
  }
}

TEST(DatasetDescriptionTest, OneThatIsNoJsonObjectSaysWhereAndIsNotADataset) {
  const auto error_of = [](const std::string& text) {
    Issues issues;
    try {
      description_of({{{"dataset_description.json", text}}, {}, {}}, issues);
    } catch (const DatasetError& error) {
      EXPECT_EQ(error.code(), IssueCode::kDatasetDescriptionInvalid);
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(error_of("{\n \"Name\": x}"),
              testing::HasSubstr("dataset_description.json: line 2, column 10"));
  EXPECT_THAT(error_of("[]"), testing::HasSubstr("found an array"));
  EXPECT_THAT(error_of(""), testing::HasSubstr("line 1, column 1"));
  EXPECT_EQ(error_of("\xEF\xBB\xBF{\"Name\": \"x\", \"BIDSVersion\": \"1\"}"), "no error");
}

TEST(DatasetDescriptionTest, OneInAFolderThatCannotBeReadIsMissing) {
  Issues issues;
  EXPECT_THROW(description_of({{}, {}, {"", "dataset_description.json"}}, issues), DatasetError);
}

TEST(DatasetDescriptionTest, ALinkWithoutTargetSaysHowToGetIt) {
  Issues issues;
  try {
    description_of({{}, {"dataset_description.json"}, {}}, issues);
    FAIL();
  } catch (const DatasetError& error) {
    EXPECT_EQ(error.code(), IssueCode::kDatasetDescriptionMissing);
    EXPECT_THAT(error.what(), testing::HasSubstr("`datalad get dataset_description.json`"));
  }
}

}  // namespace
}  // namespace hypersynth::bids
