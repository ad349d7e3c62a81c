// What SLURM's commands are told, and what they answer.

#include "pipeline/slurm/slurm_text.h"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const BatchId kBatch{"1764140000000-17-0-login1", 2};

QueueListing listing(const std::string& indices, const std::string& state,
                     const std::string& reason = "None") {
  return QueueListing("41|" + indices + '|' + state + '|' + reason + "|hypersynth." +
                      kBatch.text() + '\n');
}

TEST(QueueListingTest, WaitingPartOfAnArrayIsFoundByEveryIndexOfIt) {
  const QueueListing queue = listing("0,6-19,21,23-40%4", "PENDING", "Resources");
  for (const int index : {0, 6, 12, 19, 21, 23, 40})
    ASSERT_NE(queue.find(kBatch, index), nullptr) << index;
  for (const int index : {1, 5, 20, 22, 41, 4}) EXPECT_EQ(queue.find(kBatch, index), nullptr);
  EXPECT_TRUE(queue.find(kBatch, 7)->is_alive());
  EXPECT_EQ(queue.job_id(kBatch), "41");
}

TEST(QueueListingTest, JobThatIsNoArrayHasIndexZero) {
  const QueueListing queue = listing("N/A", "RUNNING");
  EXPECT_NE(queue.find(kBatch, 0), nullptr);
  EXPECT_EQ(queue.find(kBatch, 1), nullptr);
}

TEST(QueueListingTest, OtherJobsAndOtherTextAreSkipped) {
  const QueueListing queue(
      "squeue: warning: something\n9|N/A|RUNNING|None|someone|else's|job\n"
      "10|3|RUNNING|None|hypersynth.1764140000000-17-0-login1.21\n\n|||\n");
  EXPECT_EQ(queue.find(kBatch, 3), nullptr);
  EXPECT_FALSE(queue.job_id(kBatch).has_value());
  EXPECT_NE(queue.find({kBatch.run, 21}, 3), nullptr);
}

TEST(QueueListingTest, StatesThatEndAJobAreToldFromThoseInWhichItRunsAgain) {
  for (const char* state : {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL",
                            "OUT_OF_MEMORY", "PREEMPTED", "BOOT_FAIL", "DEADLINE"})
    EXPECT_FALSE(listing("1", state).find(kBatch, 1)->is_alive()) << state;
  for (const char* state :
       {"PENDING", "RUNNING", "CONFIGURING", "COMPLETING", "SUSPENDED", "REQUEUED", "STOPPED"})
    EXPECT_TRUE(listing("1", state).find(kBatch, 1)->is_alive()) << state;
}

TEST(QueueListingTest, HeldAfterFailedLaunchIsStuckAndWaitingForRoomIsNot) {
  EXPECT_TRUE(listing("1", "PENDING", "launch failed requeued held").find(kBatch, 1)->is_stuck());
  EXPECT_FALSE(listing("1", "PENDING", "Resources").find(kBatch, 1)->is_stuck());
  EXPECT_FALSE(listing("1", "PENDING", "BeginTime").find(kBatch, 1)->is_stuck());
}

RC_GTEST_PROP(QueuedJobProperty, HoldsTheIndicesThatItsTextLists, ()) {
  std::set<int> indices;
  std::string text;
  int next = *rc::gen::inRange(0, 5);
  const int ranges = *rc::gen::inRange(1, 6);
  for (int i = 0; i < ranges; ++i) {
    const int last = next + *rc::gen::inRange(0, 12);
    text += (text.empty() ? "" : ",") + std::to_string(next);
    if (last > next) text += '-' + std::to_string(last);
    for (; next <= last; ++next) indices.insert(next);
    next += *rc::gen::inRange(1, 4);
  }
  const QueuedJob job{"1", text, "PENDING", ""};
  for (int index = 0; index < next + 3; ++index)
    RC_ASSERT(job.has(index) == (indices.count(index) == 1));
}

TEST(SbatchTest, JobIdIsReadFromParsableOutputAmongOtherLines) {
  EXPECT_EQ(parse_job_id("123\n"), "123");
  EXPECT_EQ(parse_job_id("123;cluster\n"), "123");
  EXPECT_EQ(parse_job_id("Submitted batch job 123 on cluster brain\n"), "123");
  EXPECT_EQ(parse_job_id("sbatch: your quota is low\n77\n"), "77");
  EXPECT_FALSE(parse_job_id("sbatch: error: Batch job submission failed\n").has_value());
  EXPECT_FALSE(parse_job_id("").has_value());
}

TEST(SbatchTest, FailuresAreToldApart) {
  const auto trouble = [](const std::string& text) {
    return submit_trouble("sbatch: error: " + text);
  };
  EXPECT_EQ(trouble("Batch job submission failed: Unable to contact slurm controller (connect "
                    "failure)"),
            SubmitTrouble::kNoAnswer);
  EXPECT_EQ(trouble("Batch job submission failed: Socket timed out on send/recv operation"),
            SubmitTrouble::kNoAnswer);
  EXPECT_EQ(trouble("QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch job submission failed: Job "
                    "violates accounting/QOS policy (job submit limit, user's size and/or time "
                    "limits)"),
            SubmitTrouble::kNoRoom);
  EXPECT_EQ(trouble("QOSMaxWallDurationPerJobLimit\nsbatch: error: Batch job submission failed: "
                    "Job violates accounting/QOS policy (job submit limit, user's size and/or "
                    "time limits)"),
            SubmitTrouble::kRefused);
  EXPECT_EQ(trouble("Batch job submission failed: Invalid job array specification"),
            SubmitTrouble::kTooLarge);
  EXPECT_EQ(trouble("Batch job submission failed: Invalid partition name specified"),
            SubmitTrouble::kRefused);
}

class SlurmCommandTest : public ::testing::Test {
 protected:
  std::vector<std::string> command(std::size_t jobs, const Slots& slots = {}) {
    return sbatch_command(options_, folder_, kBatch, slots, jobs);
  }

  TemporaryFolder temporary_;
  WorkFolder work_folder_{temporary_ / "50%j work", real_file_system()};
  SlurmFolder folder_{work_folder_};
  SlurmOptions options_;
};

TEST_F(SlurmCommandTest, NeedsAndOptionsBecomeOptionsOfSbatch) {
  options_.partition = "long";
  options_.account = "brain";
  options_.time_limit = std::chrono::hours(2);
  options_.gpu_resource = "gpu:a100";
  options_.sbatch_arguments = {"--qos=low"};
  const auto words = command(100, {4, 3'000'000'000, {0, 1}});
  for (const char* word :
       {"--array=0-99", "--partition=long", "--account=brain", "--time=120", "--cpus-per-task=4",
        "--mem=2862M", "--gres=gpu:a100:2", "--requeue", "--qos=low"})
    EXPECT_THAT(words, Contains(word));
  EXPECT_EQ(words.back(), (folder_.batch(kBatch) / "job.sh").string());
}

TEST_F(SlurmCommandTest, WhatIsNotAskedForIsLeftToTheCluster) {
  const auto words = command(1);
  for (const char* option : {"--array", "--partition", "--account", "--time", "--mem", "--gres"})
    EXPECT_THAT(words, Not(Contains(StartsWith(option)))) << option;
}

TEST_F(SlurmCommandTest, PercentSignsOfTheFolderAreNotTakenForPatterns) {
  EXPECT_THAT(command(2), Contains(HasSubstr("50%%j work/slurm/")));
}

TEST(FailureOfStateTest, CauseIsTheBestThatCanBeTold) {
  const auto cause = [](const char* state, const char* reason, const char* log) {
    return failure_of_state(state, reason, log).cause;
  };
  EXPECT_EQ(cause("OUT_OF_MEMORY", "OutOfMemory", ""), Cause::kMemory);
  EXPECT_EQ(cause("FAILED", "JobLaunchFailure",
                  "slurmstepd-n1: error: StepId=21.batch exceeded memory limit (2 > 1), being "
                  "killed\n"),
            Cause::kMemory);
  EXPECT_EQ(cause("FAILED", "JobLaunchFailure", ""), Cause::kSignal);
  EXPECT_EQ(cause("FAILED", "NonZeroExitCode", ""), Cause::kLost);
  EXPECT_EQ(cause("TIMEOUT", "TimeLimit", ""), Cause::kTimeLimit);
  EXPECT_EQ(cause("CANCELLED", "None", ""), Cause::kCancelled);
  EXPECT_EQ(cause("NODE_FAIL", "NodeDown", ""), Cause::kLost);
  EXPECT_EQ(cause("", "", ""), Cause::kLost);
}

TEST(SlurmOptionsTest, EveryViolationIsNamed) {
  EXPECT_TRUE(SlurmOptions().check().empty());
  SlurmOptions wrong;
  wrong.poll_interval = std::chrono::milliseconds(10);
  wrong.job_name = "two words";
  wrong.max_array_size = 0;
  EXPECT_EQ(wrong.check().size(), 3u);
  EXPECT_THAT(wrong.check()[0], HasSubstr("found 10 ms"));
}

}  // namespace
}  // namespace hypersynth::pipeline
