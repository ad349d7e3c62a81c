// Datasets with something wrong, as a user meets them: one clear message, and the rest goes on.

#include "cli/bad_dataset.h"

#include <csignal>
#include <filesystem>
#include <memory>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/page_check.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const char* const kDescription = R"({"Name": "x", "BIDSVersion": "1.10.1"})";

TEST_F(BadDatasetTest, AMalformedDatasetDescriptionIsNotBidsAndSaysWhere) {
  data.add_text("dataset_description.json", "{\"Name\": \"x\",\n \"BIDSVersion\" \"1.10.1\"}");
  const auto result = participant({});
  EXPECT_EQ(result.exit_code, 16);
  EXPECT_THAT(result.err, HasSubstr("raw/dataset_description.json: line 2, column 23: "));
  EXPECT_FALSE(fs::exists(out));
}

TEST_F(BadDatasetTest, AMalformedSidecarIsAnIssueWithLineAndColumnAndTheRunGoesOn) {
  data.add_text("T1w.json", R"({"MagneticFieldStrength": 3})");
  data.add_text("sub-01/anat/sub-01_T1w.json", "{\n  \"EchoTime\": 0.1,\n}");
  const auto plan = listing();
  ASSERT_EQ(plan.at("images").size(), 2u);
  for (const auto& image : plan.at("images"))
    EXPECT_EQ(image.at("metadata"), json::parse(R"({"MagneticFieldStrength": 3})"));
  EXPECT_THAT(issues_of(plan, "JSON_INVALID"),
              testing::ElementsAre(HasSubstr("sub-01/anat/sub-01_T1w.json: line 3, column 1")));

  for (const std::vector<std::string>& options : {std::vector<std::string>{"--dry-run"}, {}}) {
    const auto run = participant(options);
    EXPECT_EQ(run.exit_code, options.empty() ? 65 : 0);
    EXPECT_THAT(run.err, HasSubstr("sub-01/anat/sub-01_T1w.json: line 3, column 1"));
  }
  EXPECT_TRUE(fs::exists(out + "/sub-02.html"));
}

TEST_F(BadDatasetTest, WhatAFilterFileHasThatIsNotKnownIsInTheListing) {
  data.add_text("../filter.json", R"({"t1w": {"colour": "red"}, "bold": {"task": "rest"}})");
  const auto plan = listing({"--bids-filter-file", folder / "filter.json"});
  EXPECT_EQ(plan.at("images").size(), 2u);
  EXPECT_THAT(issues_of(plan, "FILTER_KEY_UNKNOWN"),
              testing::UnorderedElementsAre(HasSubstr("'t1w.colour'"), HasSubstr("'bold'")));
}

TEST_F(BadDatasetTest, AMalformedFilterFileIsAUsageErrorWithItsPlace) {
  data.add_text("../filter.json", "{\"t1w\": }");
  const auto result = participant({"--bids-filter-file", folder / "filter.json"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("filter.json: line 1, column 9"));
}

TEST_F(BadDatasetTest, AnEmptySelectionIsAListingAllTheSame) {
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"-m", "FLAIR"}, {"--session-label", "nowhere"}}) {
    const auto plan = listing(options, 18);
    EXPECT_THAT(plan.at("images"), IsEmpty());
    EXPECT_EQ(issues_of(plan, "EMPTY_SELECTION").size(), 1u);
  }
  EXPECT_THAT(participant({"--session-label", "nowhere"}).err, HasSubstr("nowhere"));
}

TEST_F(BadDatasetTest, ImagesWithoutContentSayHowToGetIt) {
  const auto link = data.place("sub-03/anat/sub-03_T1w.nii.gz");
  fs::create_symlink("../../.git/annex/objects/x", link);
  fs::create_symlink("nowhere", data.place("sub-03/func/sub-03_task-x_bold.nii.gz"));
  const auto plan = listing();
  EXPECT_EQ(plan.at("images")[2].at("status"), "unusable");
  EXPECT_THAT(plan.at("images")[2].at("reason").get<std::string>(),
              HasSubstr("datalad -C " + data.path() + "/sub-03/anat get sub-03_T1w.nii.gz"));
  EXPECT_THAT(issues_of(plan, "BROKEN_LINK"),
              AllOf(Contains(HasSubstr("`datalad get sub-03/anat/sub-03_T1w.nii.gz`")),
                    Contains(HasSubstr("`datalad get sub-03/func`"))));

  const auto run = participant({"--participant-label", "03"});
  EXPECT_EQ(run.exit_code, 65);
  EXPECT_THAT(run.err, HasSubstr("datalad get sub-03/anat/sub-03_T1w.nii.gz"));
}

TEST_F(BadDatasetTest, AnUnreadableFolderIsAnIssueAndTheRestGoesOn) {
  fs::permissions(folder.path(), fs::perms{0755});
  fs::permissions(data.place("sub-01/anat"), fs::perms{0});
  const auto command =
      unprivileged(hypersynth_command({data.path(), out, "participant", "--dry-run", "--json"}));
  if (command.empty()) GTEST_SKIP() << "no other user than root can run the program here";
  const auto result = run_process(command);
  fs::permissions(data.place("sub-01/anat"), fs::perms{0755});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto plan = json::parse(result.out);
  ASSERT_EQ(plan.at("images").size(), 1u);
  EXPECT_EQ(plan.at("images")[0].at("path"), "sub-02/anat/sub-02_T1w.nii.gz");
  EXPECT_THAT(issues_of(plan, "DIRECTORY_UNREADABLE"),
              testing::ElementsAre(HasSubstr("sub-01/anat: ")));
}

TEST_F(BadDatasetTest, DerivativesHaveADescriptionOfTheirOwn) {
  data.add_text("derivatives/good/dataset_description.json", kDescription);
  data.add_text("derivatives/bad/dataset_description.json", "{");
  const std::string derivatives = data.path() + "/derivatives/";
  EXPECT_THAT(listing({"-d", derivatives + "good/", "more=" + derivatives + "good"}).at("images"),
              testing::SizeIs(2));
  const auto bad = participant({"-d", "x=" + derivatives + "bad"});
  EXPECT_EQ(bad.exit_code, 16);
  EXPECT_THAT(bad.err, HasSubstr("bad/dataset_description.json: line 1, column 2"));
  EXPECT_EQ(participant({"-d", "x=" + data.path() + "/sub-01"}).exit_code, 16);
  EXPECT_EQ(participant({"-d", "x=" + derivatives + "nowhere"}).exit_code, 66);
  EXPECT_EQ(participant({"-d", "raw=" + derivatives + "good"}).exit_code, 64);
  EXPECT_EQ(participant({"-d", "x=" + derivatives + "good", "x=" + data.path()}).exit_code, 64);

  EXPECT_EQ(participant({"-d", "good=" + derivatives + "good"}).exit_code, 65);
  const auto links = json::parse(read_text(out + "/dataset_description.json")).at("DatasetLinks");
  EXPECT_THAT(links.at("good").get<std::string>(), HasSubstr("/derivatives/good"));
  EXPECT_TRUE(links.contains("raw"));
}

TEST_F(BadDatasetTest, AStoredIndexNoticesChangesAndNeverLiesInTheRawData) {
  const std::vector<std::string> options = {"--bids-database-dir", folder / "database"};
  EXPECT_EQ(listing(options).at("images").size(), 2u);
  EXPECT_FALSE(fs::is_empty(folder / "database"));
  data.add_text("sub-03/anat/sub-03_T1w.nii.gz", "not read");
  fs::remove(data.place("sub-01/anat/sub-01_T1w.nii.gz"));
  const auto plan = listing(options);
  ASSERT_EQ(plan.at("images").size(), 2u);
  EXPECT_EQ(plan.at("images")[1].at("path"), "sub-03/anat/sub-03_T1w.nii.gz");
  EXPECT_EQ(participant({"--bids-database-dir", data.path() + "/.index"}).exit_code, 64);
  EXPECT_FALSE(fs::exists(data.path() + "/.index"));
}

/// Every JSON file, JSON line, table and page below `folder` is whole.
void expect_whole_files(const std::string& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string path = entry.path().string();
    const std::string extension = entry.path().extension().string();
    const std::string text = entry.is_directory() ? "" : read_text(path);
    std::istringstream lines(text);
    std::string line;
    if (extension == ".json") {
      EXPECT_TRUE(json::accept(text)) << path;
    }
    if (extension == ".jsonl") {
      while (std::getline(lines, line)) EXPECT_TRUE(json::accept(line)) << path << ": " << line;
    }
    if (extension == ".tsv") {
      ASSERT_TRUE(std::getline(lines, line)) << path;
      const auto tabs = std::count(line.begin(), line.end(), '\t');
      while (std::getline(lines, line))
        EXPECT_EQ(std::count(line.begin(), line.end(), '\t'), tabs) << path << ": " << line;
      EXPECT_TRUE(text.ends_with('\n')) << path;
    }
    if (extension == ".html") {
      EXPECT_TRUE(is_well_formed_utf8(text)) << path;
      const auto page = parse_page(text);
      EXPECT_THAT(page.problems, IsEmpty()) << path;
      EXPECT_THAT(problems_of(page), IsEmpty()) << path;
    }
  }
}

TEST_F(BadDatasetTest, OddNamesBreakNeitherMessagesNorFiles) {
  const std::string odd = " \"q'\n\x1b[1m<b>&\xC3\xA9\xFF";
  const BidsDataset set(folder / ("raw" + odd));
  set.add_text("dataset_description.json",
               R"({"Name": "<script>alert(\"1\")</script>\n\u0007&", "BIDSVersion": "1.10.1"})");
  set.add_text("participants.tsv", "participant_id\tage\nsub-01\t<b>\"&" + odd + "\n");
  set.add_text("sub-01/anat/sub-01_T1w.nii.gz", "<html>not an image</html>");
  set.add_text("sub-01/anat/sub-01_T1w.json", R"({"Manufacturer": "</script><b>\u2028"})");
  set.add_text("sub-01/anat/sub-01_acq-" + odd + "_T1w.nii.gz", "not read");
  set.add_text("sub-x" + odd + "/anat/sub-x" + odd + "_T1w.nii.gz", "not read");
  const std::string results = folder / ("out" + odd);
  const auto dry = hypersynth_run({set.path(), results, "participant", "--dry-run", "--json"});
  ASSERT_EQ(dry.exit_code, 0) << dry.err;
  const auto plan = json::parse(dry.out);
  EXPECT_EQ(plan.at("images").size(), 1u);
  EXPECT_EQ(issues_of(plan, "NAME_INVALID").size(), 2u);

  const auto run = hypersynth_run({set.path(), results, "participant"});
  EXPECT_EQ(run.exit_code, 65) << run.err;
  EXPECT_THAT(run.err, Not(HasSubstr("\x1b[1m")));
  EXPECT_TRUE(is_well_formed_utf8(run.err));
  expect_whole_files(results);
}

TEST_F(BadDatasetTest, EightProgramsOneOfThemKilledLeaveWholeFilesAndEachRootFileOnce) {
  for (int subject = 10; subject < 40; ++subject) {
    const std::string name = "sub-" + std::to_string(subject);
    data.add_text(name + "/anat/" + name + "_T1w.nii.gz", "not read");
  }
  const auto command = hypersynth_command({data.path(), out, "participant"});
  std::vector<std::unique_ptr<Process>> programs;
  for (int program = 0; program < 8; ++program)
    programs.push_back(std::make_unique<Process>(command));
  while (!fs::exists(out + "/logs/failures") && programs[3]->running())
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  programs[3]->send(SIGKILL);
  EXPECT_EQ(programs[3]->wait().signal, SIGKILL);
  for (int program = 0; program < 8; ++program) {
    if (program == 3) continue;
    const auto result = programs[program]->wait();
    EXPECT_EQ(result.exit_code, 65) << result.err;
  }
  expect_whole_files(out);
  EXPECT_EQ(run_process(command).exit_code, 65);
  EXPECT_THAT(temporary_files(out), IsEmpty());
  for (const char* file : {"dataset_description.json", "README.md", "desc-hypersynth_dseg.tsv",
                           "group_failures.tsv", "sub-39.html"})
    EXPECT_TRUE(fs::exists(out + "/" + file)) << file;
}

}  // namespace
}  // namespace hypersynth
