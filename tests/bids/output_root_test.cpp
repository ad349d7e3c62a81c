#include "bids/output_root.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "bids/memory_dataset.h"
#include "support/temporary_folder.h"

namespace hypersynth::bids {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OutputRootTest : public testing::Test {
 protected:
  OutputRootTest() {
    auto& description = root.description;
    description.name = output_name_of("\xC3\xA9");
    description.dataset_type = "derivative";
    description.license = "CC0";
    description.authors = {"A. One", "B. Two"};
    description.generated_by = {{"hypersynth", "0.1.0", "https://example.org", "about", "apptainer",
                                 "hypersynth:0.1.0", "docker://x"}};
    root.readme = "# results";
    root.labels = {{1, "a", "A", "#ffffff", ""}};
    set_source("/data/raw");
  }

  void set_source(const std::string& path) {
    root.description.source_datasets = {{"file://" + path, "", ""}};
    root.description.dataset_links["raw"] = "file://" + path;
  }

  Issues write() const {
    Issues issues;
    write_output_root(folder.path(), root, issues);
    return issues;
  }

  std::string text(const std::string& file) const { return content_of(folder.path() / file); }
  json description() const { return json::parse(text("dataset_description.json")); }

  TemporaryFolder folder;
  OutputRoot root;
};

const char* const kFiles[] = {"dataset_description.json", "README.md", ".bidsignore",
                              "desc-hypersynth_dseg.tsv"};

TEST_F(OutputRootTest, IsWrittenOnceAndReadsBack) {
  EXPECT_THAT(write(), IsEmpty());
  const auto time = fs::last_write_time(folder.path() / "dataset_description.json");
  EXPECT_THAT(write(), IsEmpty());
  EXPECT_EQ(fs::last_write_time(folder.path() / "dataset_description.json"), time);
  Issues issues;
  const auto read = read_description(*disk_source(folder.path()), issues);
  EXPECT_THAT(issues, IsEmpty());
  EXPECT_EQ(read.name, "hypersynth results of \xC3\xA9");
  EXPECT_EQ(read.bids_version, "1.10.1");
  EXPECT_TRUE(read.is_derivative());
  EXPECT_EQ(read.license, "CC0");
  EXPECT_THAT(read.authors, ElementsAre("A. One", "B. Two"));
  EXPECT_EQ(text("README.md"), "# results");
  ASSERT_EQ(read.generated_by.size(), 1u);
  EXPECT_EQ(read.generated_by[0].container_tag, "hypersynth:0.1.0");
  ASSERT_EQ(read.source_datasets.size(), 1u);
  EXPECT_EQ(read.source_datasets[0].url, "file:///data/raw");
  EXPECT_EQ(read.dataset_links.at("raw"), "file:///data/raw");
  EXPECT_EQ(text(".bidsignore"),
            "*.html\nlogs/\nfigures/"
            "\n*_morph.*\n*_longitudinal.*\n*_iqms.*\n*_aseg.stats\ngroup_*\nmodels/"
            "\nratings/\nwork/"
            "\nwork-learn/\n"
            "assets/\nmriqc/\n");
}

TEST_F(OutputRootTest, WhatAPowerCutLeftEmptyOrHalfIsWrittenAgainAndSaid) {
  write();
  std::map<std::string, std::string> whole;
  for (const char* file : kFiles) whole[file] = text(file);
  for (const std::string& damage : {std::string(), std::string(300, '\0')}) {
    for (const char* file : kFiles) folder.write(file, damage);
    const auto issues = write();
    EXPECT_THAT(codes_of(issues), testing::Each(IssueCode::kOutputChanged));
    EXPECT_EQ(issues.size(), 4u);
    for (const char* file : kFiles) EXPECT_EQ(text(file), whole[file]) << file;
  }
  folder.write("dataset_description.json", whole["dataset_description.json"].substr(0, 40));
  EXPECT_THAT(codes_of(write()), ElementsAre(IssueCode::kOutputChanged));
  EXPECT_EQ(text("dataset_description.json"), whole["dataset_description.json"]);
}

TEST_F(OutputRootTest, WhatIsNoRegularFileIsReplacedAndNeverWaitedFor) {
  ASSERT_EQ(::mkfifo((folder.path() / "README.md").c_str(), 0600), 0);
  fs::create_symlink("nowhere", folder.path() / "dataset_description.json");
  write();
  EXPECT_EQ(text("README.md"), "# results");
  EXPECT_EQ(description().at("DatasetType"), "derivative");
}

TEST_F(OutputRootTest, AMovedSourceUpdatesTheLinksAndIsSaid) {
  write();
  set_source("/elsewhere/raw");
  const auto issues = write();
  ASSERT_THAT(codes_of(issues), ElementsAre(IssueCode::kOutputChanged));
  EXPECT_THAT(issues[0].message, AllOf(HasSubstr("/elsewhere/raw"), HasSubstr("/data/raw")));
  EXPECT_EQ(description().at("DatasetLinks"), json({{"raw", "file:///elsewhere/raw"}}));
  EXPECT_EQ(description().at("SourceDatasets"),
            json::parse(R"([{"URL": "file:///elsewhere/raw"}])"));
}

TEST_F(OutputRootTest, LaterRunsAddTheirDerivativesAndVersion) {
  write();
  root.description.dataset_links["fmriprep"] = "file:///fmriprep";
  root.description.generated_by[0].version = "0.2.0";
  EXPECT_THAT(write(), IsEmpty());
  EXPECT_EQ(description().at("DatasetLinks").at("fmriprep"), "file:///fmriprep");
  EXPECT_EQ(description().at("GeneratedBy").size(), 1u);
  EXPECT_EQ(description().at("GeneratedBy")[0].at("Version"), "0.2.0");
  root.description.dataset_links.erase("fmriprep");
  write();
  EXPECT_TRUE(description().at("DatasetLinks").contains("fmriprep"));
}

TEST_F(OutputRootTest, WhatAUserWroteByHandStays) {
  write();
  auto edited = description();
  edited["Name"] = "mine";
  edited["Funding"] = json::array({"x"});
  edited["SourceDatasets"][0]["DOI"] = "doi:10/x";
  edited["GeneratedBy"].push_back({{"Name", "my script"}});
  folder.write("dataset_description.json", edited.dump());
  folder.write("README.md", "mine");
  folder.write(".bidsignore", text(".bidsignore") + "mine/");
  root.labels[0].color = "#000000";
  const auto table = text("desc-hypersynth_dseg.tsv");
  EXPECT_THAT(write(), IsEmpty());
  EXPECT_EQ(text("dataset_description.json"), edited.dump());
  set_source("/new");
  write();
  edited["SourceDatasets"][0]["URL"] = "file:///new";
  edited["DatasetLinks"]["raw"] = "file:///new";
  EXPECT_EQ(description(), edited);
  EXPECT_EQ(text("README.md"), "mine");
  EXPECT_THAT(text(".bidsignore"), HasSubstr("mine/"));
  EXPECT_EQ(text("desc-hypersynth_dseg.tsv"), table);
}

TEST_F(OutputRootTest, LinesAndLabelsThatAreMissingAreAdded) {
  folder.write(".bidsignore", "mine/");
  write();
  EXPECT_THAT(text(".bidsignore"), AllOf(HasSubstr("mine/\n"), HasSubstr("group_*\n")));
  root.labels.push_back({2, "b", "B", "#000000", ""});
  EXPECT_THAT(codes_of(write()), ElementsAre(IssueCode::kOutputChanged));
  EXPECT_THAT(text("desc-hypersynth_dseg.tsv"), HasSubstr("2\tb\tB"));
}

/// Results of one raw dataset, and what becomes of them when another is given.
class SameSourceTest : public testing::Test {
 protected:
  SameSourceTest() {
    add_raw("raw", "A");
    root.description.name = output_name_of("A");
    root.description.dataset_type = "derivative";
    root.description.generated_by = {{"hypersynth", "0.1.0", "", "", "", "", ""}};
    root.description.dataset_links = {{"raw", dataset_link(output(), folder.path() / "raw")}};
    Issues issues;
    write_output_root(output(), root, issues);
    folder.write("out/sub-01/anat/x");
  }

  void add_raw(const std::string& name, const std::string& title) const {
    folder.write(name + "/dataset_description.json",
                 R"({"Name": ")" + title + R"(", "BIDSVersion": "1.10.1"})");
  }

  fs::path output() const { return folder.path() / "out"; }

  /// The refusal, or nothing.
  std::string refusal(const std::string& raw, const std::string& name) const {
    try {
      require_same_source(output(), folder.path() / raw, name);
      return "";
    } catch (const DatasetError& error) {
      EXPECT_EQ(error.code(), IssueCode::kOutputOfAnother);
      return error.what();
    }
  }

  TemporaryFolder folder;
  OutputRoot root;
};

TEST_F(SameSourceTest, TheSameFolderMovedLinkedOrCopiedIsTheSame) {
  EXPECT_EQ(refusal("raw", "A"), "");
  fs::create_symlink("raw", folder.path() / "link");
  EXPECT_EQ(refusal("link", "A"), "");
  add_raw("copy", "A");
  EXPECT_EQ(refusal("copy", "A"), "");
  fs::rename(folder.path() / "raw", folder.path() / "moved");
  EXPECT_EQ(refusal("moved", "A"), "");
}

TEST_F(SameSourceTest, AnotherDatasetIsRefusedAndBothAreNamed) {
  add_raw("other", "B");
  EXPECT_THAT(refusal("other", "B"),
              AllOf(HasSubstr("/other"), HasSubstr("'A'"), HasSubstr("'B'")));
  // In a container, every dataset may be mounted at the same place.
  EXPECT_THAT(refusal("raw", "B"), HasSubstr("'A'"));
  // Two datasets with the name that some converter gives to all.
  add_raw("third", "A");
  folder.write("third/participants.tsv", "participant_id\nsub-07\n");
  EXPECT_THAT(refusal("third", "A"), AllOf(HasSubstr("/raw"), HasSubstr("DatasetLinks")));
}

TEST_F(SameSourceTest, AnOutputWithoutResultsTakesAnyDataset) {
  fs::remove_all(output() / "sub-01");
  EXPECT_EQ(refusal("raw", "B"), "");
  fs::remove_all(output());
  EXPECT_EQ(refusal("raw", "B"), "");
}

TEST_F(SameSourceTest, AnotherRawDatasetIsNoOutput) {
  add_raw("out", "C");
  EXPECT_THAT(refusal("raw", "A"), HasSubstr("found a raw dataset"));
}

}  // namespace
}  // namespace hypersynth::bids
