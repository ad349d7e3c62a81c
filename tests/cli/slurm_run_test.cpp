// The participant and the learn level on a SLURM cluster of virtual nodes, started on this machine.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/hypersynth_command.h"
#include "cli/learn_study.h"
#include "pipeline/slurm_cluster.h"
#include "support/bids_dataset.h"
#include "support/phantom_head.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

using pipeline::SlurmCluster;
using testing::Contains;
using testing::HasSubstr;

/// A dataset of heads, and a cluster where there can be one.
class SlurmTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto obstacle = SlurmCluster::obstacle()) GTEST_SKIP() << *obstacle;
    cluster.emplace();
    ASSERT_TRUE(cluster->is_up());
  }

  void add_head(const std::string& subject, std::uint32_t seed = PhantomHead{}.seed) {
    data.add_image(subject + "/anat/" + subject + "_T1w.nii.gz", PhantomHead{.seed = seed}.draw());
  }

  /// Runs the participant level into `out`.
  ProcessResult run(const std::string& out, std::vector<std::string> options) const {
    options.insert(options.begin(), {data.path(), out, "participant", "--fast"});
    return hypersynth_run(std::move(options));
  }

  static const char* image() { return std::getenv("HYPERSYNTH_SIF"); }

  std::optional<SlurmCluster> cluster;
  TemporaryDir folder;
  BidsDataset data{folder.path() / "raw"};
  const std::string jobs = folder / "jobs", work = folder / "work", here = folder / "here";
};

class SlurmRunTest : public SlurmTest {};
class SlurmTroubleTest : public SlurmTest {};

TEST_F(SlurmRunTest, TheStepsOfImagesAreJobsAndGiveTheSameResults) {
  add_head("sub-01");
  add_head("sub-02");
  const auto result =
      run(jobs, {"--executor", "slurm", "-w", work, "--omp-nthreads", "1", "--cluster-args=-t 10"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(cluster->calls("sbatch"), Contains(HasSubstr("-t 10")));
  // A job ends a moment after its result is there.
  for (int tries = 0; tries < 300 && !cluster->queue(work).empty(); ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(cluster->queue(work).empty());
  ASSERT_EQ(run(here, {}).exit_code, 0);
  for (const char* file : {"/sub-01/anat/sub-01_space-T1w_desc-hypersynth_dseg.nii.gz",
                           "/sub-02/anat/sub-02_space-T1w_desc-hypersynth_morph.tsv"})
    EXPECT_EQ(read_text(jobs + file), read_text(here + file)) << file;
}

/// The image that HYPERSYNTH_SIF names, as for containers/slurm.
TEST_F(SlurmRunTest, JobsRunInAnImageAndGiveTheSameResults) {
  if (image() == nullptr) GTEST_SKIP() << "HYPERSYNTH_SIF names no image";
  for (const char* subject : {"sub-01", "sub-02", "sub-03", "sub-04"}) add_head(subject);
  const auto result = run(jobs, {"--executor", "slurm", "--cluster-container", image(), "-w", work,
                                 "--omp-nthreads", "1"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  ASSERT_EQ(run(here, {}).exit_code, 0);
  // The libraries of the image may be others than those here, so a voxel may differ.
  const auto score = hypersynth_run({data.path(), folder / "scores", "evaluate", "--reference",
                                     "here=" + here, "--segmentations", jobs});
  ASSERT_EQ(score.exit_code, 0) << score.err;
  std::istringstream lines(read_text(folder / "scores/group_evaluation_scores.tsv"));
  int scored = 0;
  for (std::string line; std::getline(lines, line);) {
    // bids_name, participant, session, index, name, state, two volumes, dice
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, '\t');) cells.push_back(cell);
    if (cells.size() < 9 || cells[5] != "scored") continue;
    ++scored;
    EXPECT_GT(std::stod(cells[8]), 0.999) << line;
  }
  EXPECT_GE(scored, 4);  // a structure of each head, at least
}

/// Jobs of the driver that run now, as "JOB_INDEX NODE"; empty where there are none.
std::vector<std::string> running_jobs() {
  std::istringstream lines(pipeline::output_of("squeue -h -t R -o '%i %N'"));
  std::vector<std::string> jobs;
  for (std::string line; std::getline(lines, line);) jobs.push_back(line);
  return jobs;
}

std::vector<std::string> wait_for_running_jobs() {
  for (int tries = 0; tries < 600; ++tries) {
    if (auto jobs = running_jobs(); !jobs.empty()) return jobs;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return {};
}

// In the image of HYPERSYNTH_SIF where there is one, and then with twice as many heads.
TEST_F(SlurmTroubleTest, HeadsOutlastAKilledJobALostNodeAndAKilledDriver) {
  const std::uint32_t heads = image() == nullptr ? 6 : 12;
  std::vector<std::string> names;
  for (std::uint32_t head = 1; head <= heads; ++head) {
    names.push_back("sub-" + std::to_string(100 + head));
    add_head(names.back(), head);
  }
  std::vector<std::string> words{data.path(), jobs, "participant", "--fast",         "--executor",
                                 "slurm",     "-w", work,          "--omp-nthreads", "2"};
  if (image() != nullptr) words.insert(words.end(), {"--cluster-container", image()});

  Process driver(hypersynth_command(words));
  const auto first = wait_for_running_jobs();
  ASSERT_FALSE(first.empty());
  pipeline::output_of("scancel --signal=KILL --full " +
                      first.front().substr(0, first.front().find(' ')));
  const auto second = wait_for_running_jobs();
  ASSERT_FALSE(second.empty());
  const std::string node = second.back().substr(second.back().find(' ') + 1);
  pipeline::output_of("scontrol update NodeName=" + node + " State=DOWN Reason=test");
  driver.send(SIGKILL);
  EXPECT_EQ(driver.wait().signal, SIGKILL);
  // SLURM lets jobs of a lost node wait for two minutes.
  pipeline::output_of(
      "for job in $(squeue -h -t PD -o %A); do scontrol update JobId=$job StartTime=now; done");

  const auto again = hypersynth_run(words);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  const auto group = hypersynth_run({data.path(), jobs, "group"});
  EXPECT_EQ(group.exit_code, 0) << group.err;
  const std::string table = read_text(jobs + "/group_T1w.tsv");
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), static_cast<long>(heads) + 1);

  ASSERT_EQ(run(here, {}).exit_code, 0);
  for (const auto& name : names) {
    const std::string file =
        "/" + name + "/anat/" + name + "_space-T1w_desc-hypersynth_dseg.nii.gz";
    const auto labels = read_text(jobs + file);
    EXPECT_NE(labels, "") << name;
    // The libraries of an image may be others than those here.
    EXPECT_TRUE(image() != nullptr || labels == read_text(here + file)) << name;
  }
}

class SlurmLearnTest : public LearnTest {};

TEST_F(SlurmLearnTest, TrainingsAndScoresAreJobsAndGiveTheSameModel) {
  if (const auto obstacle = SlurmCluster::obstacle()) GTEST_SKIP() << *obstacle;
  const SlurmCluster cluster;
  ASSERT_TRUE(cluster.is_up());
  const auto options = fresh({"--method", "supervised"});
  auto jobs = options;
  jobs.insert(jobs.end(), {"--executor", "slurm", "--cluster-args=-t 10"});
  const auto result = learn(jobs);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_GE(cluster.calls("sbatch").size(), 3u);  // pack, train, score
  const auto weights = tensors_of(model());
  EXPECT_NE(weights, "");
  EXPECT_TRUE(std::filesystem::exists(out + "/logs/learning/site-model_supervised.jsonl"));
  out = folder / "here";
  ASSERT_EQ(learn(options).exit_code, 0);
  EXPECT_EQ(tensors_of(model()), weights);
}

}  // namespace
}  // namespace hypersynth
