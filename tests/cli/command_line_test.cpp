// What the command line accepts and refuses, before any image is read.

#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/hypersynth_command.h"
#include "support/bids_dataset.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

/// A dataset of names only: nothing here reads a voxel.
class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() {
    data.add_text("sub-01/anat/sub-01_T1w.nii.gz", "not read");
    data.add_text("sub-02/ses-a/anat/sub-02_ses-a_T1w.nii.gz", "not read");
    data.add_text("sub-02/ses-a/anat/sub-02_ses-a_run-1_T2w.nii.gz", "not read");
    data.add_text("sub-02/ses-a/anat/sub-02_ses-a_run-1_T2w.json", R"({"EchoTime": 0.1})");
    data.add_text("T2w.json", R"({"EchoTime": 0.2, "MagneticFieldStrength": 3})");
  }

  ProcessResult participant(std::vector<std::string> options) const {
    options.insert(options.begin(), {data.path(), out, "participant"});
    return hypersynth_run(std::move(options));
  }

  json dry_run(std::vector<std::string> options = {}) const {
    options.insert(options.end(), {"--dry-run", "--json"});
    const auto result = participant(std::move(options));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(result.out);
  }

  std::vector<std::string> planned_paths(std::vector<std::string> options) const {
    const auto plan = dry_run(std::move(options));
    std::vector<std::string> paths;
    for (const auto& image : plan.at("images")) paths.push_back(image.at("path"));
    EXPECT_FALSE(paths.empty());
    return paths;
  }

  TemporaryDir folder;
  BidsDataset data{folder / "raw"};
  std::string out = folder / "out";
};

TEST_F(CommandLineTest, HelpGoesToStandardOutputAndNamesLevelsAndOptions) {
  const auto result = hypersynth_run({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* word : {"participant", "group", "--participant-label", "--model", "--dry-run"})
    EXPECT_THAT(result.out, HasSubstr(word));
  EXPECT_EQ(result.err, "");
}

std::set<std::string> options_named_in(const std::string& text) {
  static const std::regex kOption(R"(--[a-z][a-z_-]+)");
  std::set<std::string> options;
  for (std::sregex_iterator match(text.begin(), text.end(), kOption), end; match != end; ++match)
    options.insert(std::regex_replace(match->str(), std::regex("_"), "-"));
  return options;
}

TEST_F(CommandLineTest, TheManualNamesTheOptionsThatExist) {
  const auto manual = read_text(std::string(HYPERSYNTH_SOURCE_DIR) + "/docs/usage.md");
  EXPECT_EQ(options_named_in(manual), options_named_in(hypersynth_run({"--help"}).out));
}

TEST_F(CommandLineTest, TheTablesOfTheManualAreThoseOfTheProgram) {
  const auto manual = read_text(std::string(HYPERSYNTH_SOURCE_DIR) + "/docs/usage.md");
  const auto tables = hypersynth_run({"--help-markdown"}).out;
  int found = 0;
  for (auto at = tables.find("| option"); at != std::string::npos;
       at = tables.find("| option", at)) {
    const auto end = tables.find("\n\n", at);
    const auto table = tables.substr(at, end == std::string::npos ? end : end + 1 - at);
    EXPECT_THAT(manual, HasSubstr(table));
    at = end == std::string::npos ? tables.size() : end;
    ++found;
  }
  EXPECT_EQ(found, 8);
}

TEST_F(CommandLineTest, AnOptionOfAnotherLevelIsNamedWithThatLevel) {
  EXPECT_THAT(participant({"--prune"}).err, HasSubstr("--prune belongs to the group level"));
  const auto result = hypersynth_run(
      {data.path(), out, "group", "--reports-only", "--explain", "--graph", "steps.svg"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("belong to the participant level"));
  for (const char* option : {"--reports-only", "--explain", "--graph"})
    EXPECT_THAT(result.err, HasSubstr(option));
}

TEST_F(CommandLineTest, ALevelTakesTheOptionsOfOthersThatDoNoHarm) {
  const auto result = hypersynth_run({data.path(), out, "group", "--fast", "--nprocs", "1", "-w",
                                      folder / "work", "--participant-label", "01"});
  EXPECT_EQ(result.exit_code, 66) << result.err;  // there are no results
}

TEST_F(CommandLineTest, AnOptionThatIsGivenTwiceIsRefused) {
  const auto result = participant({"--dry-run", "--random-seed", "1", "--random-seed", "2"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("--random-seed"));
}

TEST_F(CommandLineTest, EveryMistakeIsToldAtOnce) {
  const auto result = participant({"--nprocs", "0", "--mem", "lots", "--prune", "--json"});
  EXPECT_EQ(result.exit_code, 64);
  for (const char* text : {"--nprocs", "--mem", "--prune", "--json"})
    EXPECT_THAT(result.err, HasSubstr(text));
}

TEST_F(CommandLineTest, AConfigurationFileIsReadAndTheCommandLineWins) {
  data.add_text("../options.toml",
                "participant-label = [\"02\"]\nmodalities = [\"T1w\"]\nfast = true\nnprocs = 1\n");
  EXPECT_THAT(planned_paths({"--config-file", folder / "options.toml"}),
              UnorderedElementsAre("sub-02/ses-a/anat/sub-02_ses-a_T1w.nii.gz"));
  EXPECT_THAT(planned_paths({"--config-file", folder / "options.toml", "-m", "T2w"}),
              UnorderedElementsAre("sub-02/ses-a/anat/sub-02_ses-a_run-1_T2w.nii.gz"));
  data.add_text("../wrong.toml", "no-such-option = 1\n");
  EXPECT_EQ(participant({"--config-file", folder / "wrong.toml"}).exit_code, 64);
  EXPECT_EQ(participant({"--config-file", folder / "absent.toml"}).exit_code, 64);
}

TEST_F(CommandLineTest, VersionIsThatOfTheBuild) {
  const auto result = hypersynth_run({"--version"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr(HYPERSYNTH_VERSION));
}

TEST_F(CommandLineTest, NoArgumentsIsAUsageError) { EXPECT_EQ(hypersynth_run({}).exit_code, 64); }

TEST_F(CommandLineTest, AnUnknownOptionIsAUsageErrorThatNamesIt) {
  const auto result = participant({"--no-such-option"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("no-such-option"));
}

TEST_F(CommandLineTest, ABadOptionValueIsAUsageErrorThatNamesTheOption) {
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--nprocs", "many"}, {"--mem", "lots"}, {"--device", "abacus"}}) {
    const auto result = participant(options);
    EXPECT_EQ(result.exit_code, 64) << options[0];
    EXPECT_THAT(result.err, HasSubstr(options[0].substr(2)));
  }
}

TEST_F(CommandLineTest, ANumberOutOfRangeIsToldInAFewWords) {
  for (const char* number : {"0", "-1", "1000000000"}) {
    for (const char* option : {"--nprocs", "--omp-nthreads"}) {
      const auto result = participant({option, number});
      EXPECT_EQ(result.exit_code, 64) << option << number;
      EXPECT_THAT(result.err, HasSubstr("4096")) << option;
      EXPECT_LT(result.err.size(), 200u) << result.err;
    }
  }
  for (const char* amount : {"0", "0.0000001", "-1G"})
    EXPECT_EQ(participant({std::string("--mem=") + amount}).exit_code, 64) << amount;
}

TEST_F(CommandLineTest, AnEmptyValueIsAUsageErrorThatNamesTheOption) {
  for (const char* option : {"--mem", "-w", "--bids-database-dir", "--graph", "--derivatives",
                             "--batch", "--participant-label", "--device"}) {
    const auto result = participant({"--dry-run", option, ""});
    EXPECT_EQ(result.exit_code, 64) << option;
    EXPECT_THAT(result.err, HasSubstr("found an empty one")) << option;
  }
  EXPECT_EQ(hypersynth_run({data.path(), "", "participant", "--dry-run"}).exit_code, 64);
  EXPECT_EQ(hypersynth_run({"", out, "participant", "--dry-run"}).exit_code, 64);
  EXPECT_EQ(participant({"--dry-run", "-d", "name="}).exit_code, 64);
}

TEST_F(CommandLineTest, TheLevelIsFoundAfterAnOptionThatTakesManyValues) {
  const auto plan = [&](const std::vector<std::string>& arguments) {
    const auto result = hypersynth_run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  };
  const auto expected =
      plan({data.path(), out, "participant", "--participant-label", "01", "--dry-run"});
  EXPECT_EQ(plan({"--participant-label", "01", data.path(), out, "participant", "--dry-run"}),
            expected);
  EXPECT_EQ(plan({"--dry-run", "--participant-label", "01", data.path(), out, "participant"}),
            expected);
  EXPECT_EQ(plan({data.path(), "--participant-label", "01", out, "participant", "--dry-run"}),
            expected);
  EXPECT_EQ(plan({data.path(), out, "--dry-run", "--participant-label", "01", "participant"}),
            expected);
  const auto without = hypersynth_run({data.path(), out, "--participant-label", "01"});
  EXPECT_EQ(without.exit_code, 64);
  EXPECT_THAT(without.err, HasSubstr("{participant,group,evaluate,learn}"));
}

TEST_F(CommandLineTest, AResultThatCannotBeWrittenIsAnError) {
  const std::vector<std::vector<std::string>> commands{
      {"--help"},
      {"--version"},
      {data.path(), out, "participant", "--dry-run", "--json"},
      {data.path(), out, "participant", "--explain"}};
  for (const char* target : {"/dev/full", "&-"}) {
    for (const auto& arguments : commands) {
      std::vector<std::string> shell{"sh", "-c", std::string("exec \"$@\" >") + target, "sh"};
      for (const auto& word : hypersynth_command(arguments)) shell.push_back(word);
      const auto result = run_process(shell);
      EXPECT_EQ(result.exit_code, 74) << target << arguments.back();
      EXPECT_THAT(result.err, HasSubstr("standard output")) << target;
    }
  }
}

TEST_F(CommandLineTest, AWrongLevelIsNamedWithThoseThatExist) {
  const auto result = hypersynth_run({data.path(), out, "subject"});
  EXPECT_EQ(result.exit_code, 17);
  EXPECT_THAT(result.err, HasSubstr("subject"));
  EXPECT_THAT(result.err, HasSubstr("participant"));
}

TEST_F(CommandLineTest, AMissingInputFolderIsNamed) {
  const auto result = hypersynth_run({folder / "nowhere", out, "participant"});
  EXPECT_EQ(result.exit_code, 66);
  EXPECT_THAT(result.err, HasSubstr("nowhere"));
}

TEST_F(CommandLineTest, AFolderWithoutDatasetDescriptionIsNotBids) {
  fs::remove(folder / "raw/dataset_description.json");
  const auto result = participant({});
  EXPECT_EQ(result.exit_code, 16);
  EXPECT_THAT(result.err, HasSubstr("dataset_description.json"));
}

TEST_F(CommandLineTest, AnUnknownParticipantIsNamed) {
  const auto result = participant({"--participant-label", "01", "sub-77"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("77"));
  EXPECT_FALSE(fs::exists(out));
}

TEST_F(CommandLineTest, ASelectionOfNothingIsNotASuccess) {
  EXPECT_EQ(participant({"--modalities", "FLAIR"}).exit_code, 18);
  EXPECT_EQ(participant({"--participant-label", "01", "--run-id", "1"}).exit_code, 18);
}

TEST_F(CommandLineTest, TheParticipantLabelIsTakenWithAndWithoutItsPrefix) {
  EXPECT_EQ(planned_paths({"--participant-label", "sub-01"}),
            planned_paths({"--participant-label", "01"}));
  EXPECT_THAT(planned_paths({"--participant-label", "01"}),
              UnorderedElementsAre("sub-01/anat/sub-01_T1w.nii.gz"));
}

TEST_F(CommandLineTest, OptionsAreTakenWithDashesAndWithUnderscores) {
  EXPECT_EQ(planned_paths({"--participant_label", "02"}),
            planned_paths({"--participant-label", "02"}));
  EXPECT_EQ(planned_paths({"--exclude_participant_label", "02"}),
            planned_paths({"--exclude-participant-label", "02"}));
}

TEST_F(CommandLineTest, ABidsFilterSelectsPerSuffixAndIgnoresUnknownKeys) {
  data.add_text("../filter.json", R"({"t1w": {"session": null}, "t2w": {"run": "*"}, "bold": {}})");
  EXPECT_THAT(planned_paths({"--bids-filter-file", folder / "filter.json"}),
              UnorderedElementsAre("sub-01/anat/sub-01_T1w.nii.gz",
                                   "sub-02/ses-a/anat/sub-02_ses-a_run-1_T2w.nii.gz"));
}

TEST_F(CommandLineTest, ASessionInTheFilterAndOnTheCommandLineIsAConflict) {
  data.add_text("../filter.json", R"({"t1w": {"session": "a"}})");
  const auto result =
      participant({"--bids-filter-file", folder / "filter.json", "--session-label", "a"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("session"));
}

TEST_F(CommandLineTest, TheOutputMayNotLieInTheRawData) {
  for (const char* inside : {"raw", "raw/sub-01/out", "raw/out", "raw/../raw/out"}) {
    const auto result = hypersynth_run({data.path(), folder / inside, "participant"});
    EXPECT_EQ(result.exit_code, 64) << inside;
    EXPECT_THAT(result.err, HasSubstr("raw data")) << inside;
  }
  EXPECT_FALSE(fs::exists(folder / "raw/out"));
  EXPECT_FALSE(fs::exists(folder / "raw/sub-01/out"));
}

TEST_F(CommandLineTest, TheWorkFolderMayNotLieInTheRawDataNorBeTheOutput) {
  for (const char* inside : {"raw", "raw/work", "raw/sub-01/work", "raw/derivatives"}) {
    const auto result = participant({"-w", folder / inside});
    EXPECT_EQ(result.exit_code, 64) << inside;
    EXPECT_THAT(result.err, HasSubstr("work folder")) << inside;
  }
  EXPECT_EQ(participant({"-w", out}).exit_code, 64);
  EXPECT_FALSE(fs::exists(folder / "raw/work"));
}

TEST_F(CommandLineTest, AWorkFolderThatCannotBeMadeIsNamed) {
  data.add_text("../taken", "a file");
  const auto result = participant({"-w", folder / "taken/work"});
  EXPECT_EQ(result.exit_code, 73);
  EXPECT_THAT(result.err, HasSubstr("taken/work"));
}

TEST_F(CommandLineTest, AGraphOfAnUnknownKindIsRefused) {
  const auto result = participant({"--dry-run", "--graph", folder / "graph.png"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr(".svg"));
}

TEST_F(CommandLineTest, OptionsOfTheClusterWithoutTheClusterAreRefused) {
  const auto result = participant({"--cluster-partition", "long"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("--executor slurm"));
}

TEST_F(CommandLineTest, AnArrayOfPbsHasToBeToldItsSize) {
  const auto result = participant({"--batch", "pbs"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("expected $PBS_ARRAY_INDEX/n"));
}

TEST_F(CommandLineTest, TheOutputMayLieInTheDerivativesOfTheRawData) {
  const auto result = hypersynth_run(
      {data.path(), folder / "raw/derivatives/hypersynth", "participant", "--dry-run"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST_F(CommandLineTest, AFileWhereTheOutputFolderShouldBeIsNamed) {
  data.add_text("../taken", "a file");
  for (const char* place : {"taken", "taken/below"}) {
    const auto result = hypersynth_run({data.path(), folder / place, "participant"});
    EXPECT_EQ(result.exit_code, 73) << place;
    EXPECT_THAT(result.err, HasSubstr("taken")) << place;
  }
  EXPECT_EQ(read_text(folder / "taken"), "a file");
}

TEST_F(CommandLineTest, ADryRunNamesEachImageWithEntitiesAndMergedMetadata) {
  const auto plan = dry_run({"--participant-label", "02", "-m", "T2w"});
  ASSERT_EQ(plan.at("images").size(), 1u);
  const auto& image = plan.at("images")[0];
  EXPECT_EQ(image.at("path"), "sub-02/ses-a/anat/sub-02_ses-a_run-1_T2w.nii.gz");
  EXPECT_EQ(image.at("suffix"), "T2w");
  EXPECT_EQ(image.at("entities").at("subject"), "02");
  EXPECT_EQ(image.at("entities").at("session"), "a");
  EXPECT_EQ(image.at("metadata"), json::parse(R"({"EchoTime": 0.1, "MagneticFieldStrength": 3})"));
  EXPECT_THAT(image.at("status"), AnyOf("run", "unusable"));
  EXPECT_TRUE(image.at("reason").is_string());
  EXPECT_TRUE(plan.at("issues").is_array());
}

TEST_F(CommandLineTest, ADryRunWritesNothing) {
  dry_run();
  EXPECT_FALSE(fs::exists(out));
}

TEST_F(CommandLineTest, HelpVersionAndDryRunDoNotLoadLibtorch) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"},
        {"--version"},
        {data.path(), out, "participant", "--dry-run"},
        {data.path(), out, "participant", "--explain"},
        {data.path(), out, "participant", "--dry-run", "--graph", folder / "graph.svg"},
        {data.path(), out, "group", "--dry-run"}}) {
    const auto log = folder / "libraries";
    hypersynth_run(arguments, {{"LD_DEBUG", "files"}, {"LD_DEBUG_OUTPUT", log}});
    std::string loaded;
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      if (entry.path().filename().string().rfind("libraries.", 0) != 0) continue;
      loaded += read_text(entry.path().string());
      fs::remove(entry.path());
    }
    EXPECT_THAT(loaded, HasSubstr("libc.so"));
    EXPECT_THAT(loaded, Not(HasSubstr("libtorch"))) << arguments.back();
  }
}

}  // namespace
}  // namespace hypersynth
