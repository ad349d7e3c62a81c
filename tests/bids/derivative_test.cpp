#include "bids/derivative.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bids/memory_dataset.h"
#include "bids/temporary_folder.h"

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

TEST(OutputRootTest, IsWrittenOnceAndReadsBack) {
  const TemporaryFolder folder;
  OutputRoot root;
  root.description.name = "hypersynth \xC3\xA9";
  root.description.dataset_type = "derivative";
  root.description.license = "CC0";
  root.description.authors = {"A. One", "B. Two"};
  root.readme = "# results";
  root.description.generated_by = {{"hypersynth", "0.1.0", "https://example.org", "about",
                                    "apptainer", "hypersynth:0.1.0", "docker://x"}};
  root.description.source_datasets = {{"file:///data/raw", "doi:10/x", "1.0"}};
  root.description.dataset_links = {{"raw", "file:///data/raw"}};
  root.labels = {{1, "a", "A", "#ffffff", ""}};
  write_output_root(folder.path(), root);
  root.description.name = "other";
  write_output_root(folder.path(), root);

  Issues issues;
  const auto read = read_description(*disk_source(folder.path()), issues);
  EXPECT_THAT(issues, testing::IsEmpty());
  EXPECT_EQ(read.name, "hypersynth \xC3\xA9");
  EXPECT_EQ(read.bids_version, "1.10.1");
  EXPECT_TRUE(read.is_derivative());
  EXPECT_EQ(read.license, "CC0");
  EXPECT_THAT(read.authors, testing::ElementsAre("A. One", "B. Two"));
  EXPECT_EQ(content_of(folder.path() / "README.md"), "# results");
  ASSERT_EQ(read.generated_by.size(), 1u);
  EXPECT_EQ(read.generated_by[0].container_tag, "hypersynth:0.1.0");
  ASSERT_EQ(read.source_datasets.size(), 1u);
  EXPECT_EQ(read.source_datasets[0].url, "file:///data/raw");
  EXPECT_EQ(read.dataset_links.at("raw"), "file:///data/raw");
  EXPECT_EQ(content_of(folder.path() / ".bidsignore"),
            "*.html\nlogs/\nfigures/\n*_morph.*\n*_iqms.*\ngroup_*\nwork/\n");
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
