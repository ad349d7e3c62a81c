// What the workflow behind the participant level lets the user see and steer.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/hypersynth_command.h"
#include "support/bids_dataset.h"
#include "support/nifti_file.h"
#include "support/phantom_head.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Two images of one subject, segmented once with a work folder of their own.
class WorkflowTest : public testing::Test {
 protected:
  struct Shared {
    TemporaryDir folder;
    BidsDataset data{folder.path() / "raw"};
    std::string out = folder / "out";
    std::string work = folder / "work";
    ProcessResult first;
  };
  static std::unique_ptr<Shared> shared;

  static void SetUpTestSuite() {
    shared = std::make_unique<Shared>();
    shared->data.add_image("sub-01/anat/sub-01_T1w.nii.gz", PhantomHead{}.draw());
    shared->data.add_image("sub-01/anat/sub-01_T2w.nii.gz", PhantomHead{.seed = 2}.draw());
    shared->first = run({"-w", shared->work});
  }
  static void TearDownTestSuite() { shared.reset(); }

  static ProcessResult run(std::vector<std::string> options, const std::string& out = shared->out) {
    options.insert(options.begin(), {shared->data.path(), out, "participant", "--fast"});
    return hypersynth_run(std::move(options));
  }

  static std::string output(const std::string& path) { return shared->out + "/" + path; }
  static std::string record_path() {
    return output("sub-01/anat/sub-01_space-T1w_desc-hypersynth_iqms.json");
  }

  /// Files in the work folder but for its logs, locks and records.
  static std::vector<std::string> intermediates(const std::string& work) {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(work)) {
      if (entry.is_regular_file() && entry.path().string().find(".nii") != std::string::npos)
        found.push_back(entry.path().string());
    }
    return found;
  }

  /// An image with one voxel of NaN: its header is fine, the step that reads it fails.
  static void add_broken_image(const std::string& path) {
    const Image image = PhantomHead{}.draw();
    NiftiFile file;
    file.grid = image.grid;
    file.voxels = image.voxels;
    file.voxels[file.voxels.size() / 2] = std::numeric_limits<float>::quiet_NaN();
    write_nifti(shared->data.place(path), file);
  }
};

std::unique_ptr<WorkflowTest::Shared> WorkflowTest::shared;

TEST_F(WorkflowTest, TheFirstRunSucceedsAndKeepsItsIntermediateFiles) {
  EXPECT_EQ(shared->first.exit_code, 0) << shared->first.err;
  EXPECT_EQ(intermediates(shared->work).size(), 2u) << "the labels of each";
}

TEST_F(WorkflowTest, AnotherOutputFolderUsesTheFinishedStepsOfTheWorkFolder) {
  const std::string other = shared->folder / "other";
  const auto before = intermediates(shared->work);
  const auto result = run({"-w", shared->work, "-v"}, other);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, Not(HasSubstr("T1w.nii.gz: segment"))) << "it ran again";
  EXPECT_THAT(result.err, HasSubstr("T1w.nii.gz: derivatives"));
  EXPECT_EQ(intermediates(shared->work), before);
  const char* labels = "/sub-01/anat/sub-01_space-T1w_desc-hypersynth_dseg.nii.gz";
  EXPECT_EQ(read_text(other + labels), read_text(shared->out + labels));
}

TEST_F(WorkflowTest, ADeletedOutputIsWrittenAgainWithoutSegmenting) {
  const std::string mask = output("sub-01/anat/sub-01_space-T1w_desc-brain_mask.nii.gz");
  const std::string before = read_text(mask);
  fs::remove(mask);
  const auto result = run({"-w", shared->work, "-v"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(read_text(mask), before);
  EXPECT_THAT(result.err, HasSubstr("T1w.nii.gz: derivatives"));
  EXPECT_THAT(result.err, Not(HasSubstr("T1w.nii.gz: segment")));
}

TEST_F(WorkflowTest, AnImageIsFinishedByItsRecordAloneWhenTheWorkFolderIsGone) {
  const auto before = fs::last_write_time(record_path());
  const auto result = run({"-w", shared->folder / "fresh", "-v"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, Not(HasSubstr(": segment")));
  EXPECT_EQ(fs::last_write_time(record_path()), before);
}

TEST_F(WorkflowTest, ExplainNamesTheStepsAndTheInputThatChanged) {
  const auto result = run({"-w", shared->work, "--save-posteriors", "--explain"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, ContainsRegex("segment +run +input 'save_posteriors': false -> true"));
  EXPECT_THAT(result.out, ContainsRegex("measure +may run +waits for 'sub-01.T1w.segment'"));
  EXPECT_FALSE(fs::exists(output("sub-01/anat/sub-01_space-T1w_desc-hypersynth_probseg.nii.gz")));
}

TEST_F(WorkflowTest, ExplainIsAlsoToBeHadAsJson) {
  const auto result = run({"-w", shared->work, "--save-posteriors", "--explain", "--json"});
  const auto plan = json::parse(result.out);
  const auto& steps = plan.at("images")[0].at("steps");
  ASSERT_EQ(steps.size(), 5u);
  EXPECT_EQ(steps[0].at("node"), "sub-01.T1w.segment");
  EXPECT_EQ(steps[0].at("action"), "run");
  EXPECT_EQ(plan.at("images")[0].at("status"), "run");
}

TEST_F(WorkflowTest, TheGraphShowsWhatWouldRunAndWhatIsFinished) {
  const std::string dot = shared->folder / "graph.dot";
  ASSERT_EQ(run({"-w", shared->work, "--dry-run", "--graph", dot}).exit_code, 0);
  EXPECT_THAT(read_text(dot), HasSubstr("digraph"));
  EXPECT_THAT(read_text(dot), HasSubstr("cached"));
  ASSERT_EQ(run({"-w", shared->work, "--save-posteriors", "--dry-run", "--graph", dot}).exit_code,
            0);
  EXPECT_THAT(read_text(dot), HasSubstr("will run"));
}

TEST_F(WorkflowTest, TheGraphOfARunIsASelfContainedPicture) {
  const std::string svg = shared->folder / "graph.svg";
  ASSERT_EQ(run({"-w", shared->work, "--graph", svg}).exit_code, 0);
  const auto text = read_text(svg);
  EXPECT_THAT(text, HasSubstr("<svg"));
  EXPECT_THAT(text, HasSubstr("segment"));
  EXPECT_THAT(text, Not(ContainsRegex("href=\"http")));
}

TEST_F(WorkflowTest, ADryRunOfTheGroupLevelWritesNothing) {
  const auto result = hypersynth_run({shared->data.path(), shared->out, "group", "--dry-run"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("group_T1w.tsv"));
  EXPECT_FALSE(fs::exists(output("group_T1w.tsv")));
}

TEST_F(WorkflowTest, TheRecordSaysWhyMeasuresAreMissingAndHowSureTheNetworkIs) {
  const auto record = json::parse(read_text(record_path()));
  EXPECT_TRUE(record.at("qc_confidence_mean").is_number());
  EXPECT_TRUE(record.at("qc_confidence_min").is_number());
  double some = 0;
  for (const auto& [structure, value] : record.at("mean_posteriors").items()) {
    if (value.is_number()) some = std::max(some, value.get<double>());
  }
  EXPECT_GT(some, 0.5);
  EXPECT_LE(some, 1.0);
  std::size_t missing = 0;
  for (const auto& [name, value] : record.items()) {
    if (!value.is_null()) continue;
    ++missing;
    EXPECT_TRUE(record.at("notes").contains(name)) << name;
  }
  EXPECT_GT(record.at("notes").size(), missing) << "notes also say what a value belongs to";
}

TEST_F(WorkflowTest, TheResourceReportHasEveryStepWithItsPeakMemory) {
  const std::string out = shared->folder / "monitored";
  const auto result = run({"--resource-monitor", "-m", "T1w"}, out);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::string table;
  for (const auto& entry : fs::directory_iterator(out + "/logs")) {
    if (entry.path().string().ends_with("_resources.tsv")) table = read_text(entry.path().string());
  }
  for (const char* step : {"segment", "measure", "figures", "derivatives", "record", "report"})
    EXPECT_THAT(table, HasSubstr(step));
  EXPECT_THAT(table, HasSubstr("peak"));
}

TEST_F(WorkflowTest, MemoryThatIsTooLittleIsAClearFailureOfTheImage) {
  const std::string out = shared->folder / "little";
  const auto result = run({"--mem", "150M", "-m", "T1w"}, out);
  EXPECT_EQ(result.exit_code, 65) << result.err;
  EXPECT_THAT(result.err,
              ContainsRegex("sub-01_T1w.nii.gz: expected at most .*B of memory.*a need of "));
  EXPECT_THAT(read_text(out + "/group_failures.tsv"), HasSubstr("a need of "));
  EXPECT_FALSE(fs::exists(out + "/sub-01/anat"));
}

TEST_F(WorkflowTest, AMemoryCapGivesTheSameLabels) {
  const std::string out = shared->folder / "capped";
  const auto result = run({"--mem", "1500M", "-m", "T1w"}, out);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const char* labels = "/sub-01/anat/sub-01_space-T1w_desc-hypersynth_dseg.nii.gz";
  EXPECT_EQ(read_text(out + labels), read_text(shared->out + labels));
}

TEST_F(WorkflowTest, AWorkFolderThatNobodyAskedForIsGoneAfterASuccessfulRun) {
  const std::string out = shared->folder / "tidy";
  ASSERT_EQ(run({"-m", "T1w"}, out).exit_code, 0);
  EXPECT_FALSE(fs::exists(out + "/work"));
}

TEST_F(WorkflowTest, CleanWorkdirLeavesNoIntermediateFile) {
  const std::string work = shared->folder / "cleaned";
  const std::string out = shared->folder / "cleaned_out";
  ASSERT_EQ(run({"-m", "T1w", "-w", work, "--clean-workdir"}, out).exit_code, 0);
  EXPECT_THAT(intermediates(work), IsEmpty());
}

TEST_F(WorkflowTest, AFailedStepLeavesACrashFileWithACommandThatRunsItAgain) {
  add_broken_image("sub-02/anat/sub-02_T1w.nii.gz");
  const std::string out = shared->folder / "crashed";
  const auto result = run({"--participant-label", "02"}, out);
  fs::remove_all(shared->data.path() + "/sub-02");
  EXPECT_EQ(result.exit_code, 65);
  json crash;
  for (const auto& entry : fs::directory_iterator(out + "/logs/crashes")) {
    if (entry.path().extension() == ".json") crash = json::parse(read_text(entry.path().string()));
  }
  EXPECT_THAT(crash.at("message"), HasSubstr("NaN"));
  const auto again = run_process({"sh", "-c", crash.at("rerun").get<std::string>()});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("sub-02.T1w.segment"));
}

TEST_F(WorkflowTest, StopOnFirstCrashBeginsNothingMoreButReportsTheFailure) {
  shared->data.add_text("sub-00/anat/sub-00_T1w.nii.gz", "");
  shared->data.add_image("sub-03/anat/sub-03_T1w.nii.gz", PhantomHead{}.draw());
  const std::string out = shared->folder / "stopped";
  const auto result = run({"--stop-on-first-crash", "--participant-label", "00", "03"}, out);
  fs::remove_all(shared->data.path() + "/sub-00");
  fs::remove_all(shared->data.path() + "/sub-03");
  EXPECT_EQ(result.exit_code, 65) << result.err;
  EXPECT_FALSE(fs::exists(out + "/sub-03/anat"));
  EXPECT_THAT(read_text(out + "/group_failures.tsv"), HasSubstr("sub-00"));
  EXPECT_THAT(read_text(out + "/sub-00.html"), HasSubstr("an empty file"));
}

TEST_F(WorkflowTest, AnImageWithoutABrainEndsNeitherTheRunNorItself) {
  Image image = PhantomHead{}.draw();
  for (std::size_t v = 0; v < image.voxels.size(); ++v)
    image.voxels[v] = static_cast<float>(v % 7) + (v % 1000 == 0 ? 90.0F : 0.0F);
  shared->data.add_image("sub-04/anat/sub-04_T1w.nii.gz", image);
  const std::string out = shared->folder / "no_brain";
  const auto result = run({"--participant-label", "04"}, out);
  fs::remove_all(shared->data.path() + "/sub-04");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(fs::exists(out + "/sub-04.html"));
}

}  // namespace
}  // namespace hypersynth
