// What SLURM's commands are told, and what they answer.

#include "pipeline/batch/slurm_dialect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hypersynth::pipeline {
namespace {

using ::testing::Contains;
using ::testing::Not;
using ::testing::StartsWith;

const SlurmDialect kSlurm;
const BatchId kBatch{"1764140000000-17-0-login1", 2};

QueueListing listing(const std::string& indices, const std::string& state,
                     const std::string& reason = "None") {
  return SlurmDialect::parse_listing("41|" + indices + '|' + state + '|' + reason + "|hypersynth." +
                                     kBatch.text() + '\n');
}

TEST(SqueueTest, WaitingPartOfAnArrayIsFoundByEveryIndexOfIt) {
  const QueueListing queue = listing("0,6-19,21,23-40%4", "PENDING", "Resources");
  for (const int index : {0, 6, 12, 19, 21, 23, 40})
    ASSERT_NE(queue.find(kBatch, index), nullptr) << index;
  for (const int index : {1, 5, 20, 22, 41, 4}) EXPECT_EQ(queue.find(kBatch, index), nullptr);
  EXPECT_TRUE(queue.find(kBatch, 7)->is_alive());
  EXPECT_EQ(queue.job_id(kBatch), "41");
}

TEST(SqueueTest, JobThatIsNoArrayHasIndexZero) {
  const QueueListing queue = listing("N/A", "RUNNING");
  EXPECT_NE(queue.find(kBatch, 0), nullptr);
  EXPECT_EQ(queue.find(kBatch, 1), nullptr);
}

TEST(SqueueTest, OtherJobsAndOtherTextAreSkipped) {
  const QueueListing queue = SlurmDialect::parse_listing(
      "squeue: warning: something\n9|N/A|RUNNING|None|someone|else's|job\n"
      "10|3|RUNNING|None|hypersynth.1764140000000-17-0-login1.21\n\n|||\n");
  EXPECT_EQ(queue.find(kBatch, 3), nullptr);
  EXPECT_FALSE(queue.job_id(kBatch).has_value());
  EXPECT_NE(queue.find({kBatch.run, 21}, 3), nullptr);
}

TEST(SqueueTest, StatesThatEndAJobAreToldFromThoseInWhichItRunsAgain) {
  for (const char* state : {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL",
                            "OUT_OF_MEMORY", "PREEMPTED", "BOOT_FAIL", "DEADLINE"})
    EXPECT_FALSE(listing("1", state).find(kBatch, 1)->is_alive()) << state;
  for (const char* state :
       {"PENDING", "RUNNING", "CONFIGURING", "COMPLETING", "SUSPENDED", "REQUEUED", "STOPPED"})
    EXPECT_TRUE(listing("1", state).find(kBatch, 1)->is_alive()) << state;
}

TEST(SqueueTest, HeldAfterFailedLaunchIsStuckAndWaitingForRoomIsNot) {
  const auto phase = [](const char* reason) {
    return listing("1", "PENDING", reason).find(kBatch, 1)->phase;
  };
  EXPECT_EQ(phase("launch failed requeued held"), JobPhase::kStuck);
  EXPECT_EQ(phase("Resources"), JobPhase::kWaiting);
  EXPECT_EQ(phase("BeginTime"), JobPhase::kWaiting);
}

TEST(SbatchTest, JobIdIsReadFromParsableOutputAmongOtherLines) {
  EXPECT_EQ(kSlurm.parse_job_id("123\n"), "123");
  EXPECT_EQ(kSlurm.parse_job_id("123;cluster\n"), "123");
  EXPECT_EQ(kSlurm.parse_job_id("Submitted batch job 123 on cluster brain\n"), "123");
  EXPECT_EQ(kSlurm.parse_job_id("sbatch: your quota is low\n77\n"), "77");
  EXPECT_FALSE(kSlurm.parse_job_id("sbatch: error: Batch job submission failed\n").has_value());
  EXPECT_FALSE(kSlurm.parse_job_id("").has_value());
}

TEST(SbatchTest, FailuresAreToldApart) {
  const auto trouble = [](const std::string& text) {
    return kSlurm.submit_trouble("sbatch: error: " + text);
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

std::vector<std::string> command(const BatchOptions& options, std::size_t jobs,
                                 const Slots& slots = {}, const fs::path& folder = "/work/0") {
  return kSlurm.submit_command(options, {"hypersynth." + kBatch.text(), folder, jobs, slots});
}

TEST(SbatchTest, NeedsAndOptionsBecomeOptionsOfSbatch) {
  BatchOptions options;
  options.partition = "long";
  options.account = "brain";
  options.time_limit = std::chrono::hours(2);
  options.gpu_resource = "gpu:a100";
  options.submit_arguments = {"--qos=low"};
  const auto words = command(options, 100, {4, 3'000'000'000, {0, 1}});
  for (const char* word :
       {"--array=0-99", "--partition=long", "--account=brain", "--time=120", "--cpus-per-task=4",
        "--mem=2862M", "--gres=gpu:a100:2", "--requeue", "--qos=low"})
    EXPECT_THAT(words, Contains(word));
  EXPECT_EQ(words.back(), "/work/0/job.sh");
}

TEST(SbatchTest, WhatIsNotAskedForIsLeftToTheCluster) {
  const auto words = command({}, 1);
  for (const char* option : {"--array", "--partition", "--account", "--time", "--mem", "--gres"})
    EXPECT_THAT(words, Not(Contains(StartsWith(option)))) << option;
}

TEST(SbatchTest, PercentSignsOfTheFolderAreNotTakenForPatterns) {
  EXPECT_THAT(command({}, 2, {}, "/50%j work/0"), Contains("--output=/50%%j work/0/%a.log"));
}

TEST(FailureOfStateTest, CauseIsTheBestThatCanBeTold) {
  const auto cause = [](const char* state, const char* reason, const char* log) {
    return kSlurm.failure_of_state(state, reason, log).cause;
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

TEST(SlurmEnvironmentTest, AllCommandsSpeakOfOneClusterAndOfAllJobs) {
  ::setenv("SBATCH_CLUSTERS", "big", 1);
  ::setenv("SQUEUE_PARTITION", "mine", 1);
  const auto words = dialect_of(BatchSystem::kSlurm).environment();
  ::unsetenv("SBATCH_CLUSTERS");
  ::unsetenv("SQUEUE_PARTITION");
  EXPECT_THAT(words, Contains("SLURM_CLUSTERS=big"));
  EXPECT_THAT(words, Contains("SBATCH_CLUSTERS"));
  EXPECT_THAT(words, Contains("SQUEUE_PARTITION"));
}

}  // namespace
}  // namespace hypersynth::pipeline
