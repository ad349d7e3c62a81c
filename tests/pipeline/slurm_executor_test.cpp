// The SLURM executor on a made-up cluster: every way a job, a command or a driver can end.

#include "pipeline/slurm_executor_fixture.h"

namespace hypersynth::pipeline {
namespace {

TEST_F(SlurmExecutorTest, EqualTasksThatAreReadyTogetherAreOneArray) {
  driver().start_additions(100);
  driver().finish(100);
  driver().expect_sums(100);
  ASSERT_EQ(slurm_.calls("sbatch").size(), 1u);
  EXPECT_THAT(slurm_.calls("sbatch")[0], Contains("--array=0-99"));
  driver_.reset();
  EXPECT_TRUE(fs::is_empty(work() / "slurm"));
}

TEST_F(SlurmExecutorTest, TasksOfOtherNeedsAreArraysOfTheirOwn) {
  driver().start<Add>("small", {1, 1});
  driver().start<Add>("large", {1, 2}, {8, 4'000'000'000, 1});
  driver().start<Add>("small too", {1, 3});
  driver().executor().flush();
  driver().finish(3);
  const auto calls = slurm_.calls("sbatch");
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_THAT(calls[0], Contains("--array=0-1"));
  EXPECT_THAT(calls[1], Contains("--gres=gpu:1"));
}

TEST_F(SlurmExecutorTest, LightNodesStayWithTheDriverUnlessToldOtherwise) {
  driver().start<Add>("light", {1, 2}, {}, Placement::kThread);
  driver().executor().flush();
  driver().finish(1);
  EXPECT_EQ(slurm_.calls("sbatch").size(), 0u);
  driver_.reset();
  options_.submit_light_nodes = true;
  driver().start<Add>("light too", {1, 2}, {}, Placement::kThread);
  driver().executor().flush();
  driver().finish(1);
  EXPECT_EQ(slurm_.calls("sbatch").size(), 1u);
}

TEST_F(SlurmExecutorTest, NodesTooManyForOneArrayOfTheClusterBecomeSeveral) {
  slurm_.largest_array = 30;
  driver().start_additions(100);
  driver().finish(100);
  driver().expect_sums(100);
}

TEST_F(SlurmExecutorTest, MoreJobsThanTheUserMayHaveWaitForRoom) {
  slurm_.runs_at_once = false;
  slurm_.most_jobs = 7;
  driver().start_additions(40);
  driver().run_until([&] {
    slurm_.for_each([&](FakeSlurm::Job& job) {
      if (job.state == "PENDING") slurm_.run_job(job);
    });
    return driver().outcomes.size() == 40;
  });
  driver().expect_sums(40);
  ASSERT_GE(driver().warnings.size(), 1u);
  EXPECT_THAT(driver().warnings[0], HasSubstr("QOSMaxSubmitJobPerUserLimit"));
}

TEST_F(SlurmExecutorTest, NoMoreJobsThanAskedForAreSubmittedAtATime) {
  options_.max_jobs = 2;
  Executor& executor = driver().executor();
  EXPECT_TRUE(executor.take({}, Placement::kProcess).has_value());
  EXPECT_TRUE(executor.take({}, Placement::kProcess).has_value());
  EXPECT_FALSE(executor.take({}, Placement::kProcess).has_value());
  EXPECT_TRUE(executor.take({}, Placement::kThread).has_value());
  executor.give_back({}, Placement::kProcess);
  EXPECT_TRUE(executor.take({}, Placement::kProcess).has_value());
}

TEST_F(SlurmExecutorTest, RefusedJobsFailWithSlurmsWords) {
  slurm_.refusal =
      "sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job ...\n";
  driver().start_additions(3);
  driver().finish(3);
  EXPECT_EQ(driver().failure("add1").cause, Cause::kRefused);
  EXPECT_EQ(driver().failure("add1").message,
            "SLURM refused its job: sbatch: error: invalid partition specified: nope");
}

TEST_F(SlurmExecutorTest, FailureOfANodeIsTheOneItsProcessReports) {
  driver().start<MayFail>("bad", {1, true});
  driver().executor().flush();
  driver().finish(1);
  EXPECT_EQ(driver().failure("bad").cause, Cause::kException);
  EXPECT_EQ(driver().failure("bad").message, "told to fail");
  EXPECT_EQ(slurm_.calls("squeue").size(), 0u);
}

TEST_F(SlurmExecutorTest, WhatAJobFindsWrongWithAFileReachesTheDriverAsItIs) {
  driver().start<Misbehave>("bad", {"refuse", 0, (folder_ / "journal").string()});
  driver().executor().flush();
  driver().finish(1);
  EXPECT_EQ(driver().failure("bad").input, tricky_findings());
}

TEST_F(SlurmExecutorTest, ControllerThatIsAwayForAWhileCostsTimeOnly) {
  slurm_.unanswered = 4;
  driver().start_additions(20);
  driver().finish(20);
  driver().expect_sums(20);
  EXPECT_THAT(driver().warnings, SizeIs(1));
  EXPECT_EQ(slurm_.calls("sbatch").size(), 2u);
}

TEST_F(SlurmExecutorTest, JobThatWasAcceptedWithoutAnAnswerIsNotSubmittedAgain) {
  slurm_.runs_at_once = false;
  slurm_.unanswered = 1;
  slurm_.accepts_unanswered = true;
  driver().start_additions(5);
  wait_for_jobs(5);
  driver().idle(std::chrono::milliseconds(300));
  slurm_.for_each([&](FakeSlurm::Job& job) { slurm_.run_job(job); });
  driver().finish(5);
  driver().expect_sums(5);
  EXPECT_EQ(slurm_.calls("sbatch").size(), 1u);
}

TEST_F(SlurmExecutorTest, ClusterThatStaysSilentLosesTheNodesAfterAllPatience) {
  options_.patience = std::chrono::minutes(0);
  slurm_.unanswered = 1000;
  driver().start_additions(2);
  driver().finish(2);
  EXPECT_EQ(driver().failure("add0").cause, Cause::kLost);
}

struct SilentEnd {
  const char* state;
  const char* reason;
  Cause cause;
};

class SilentEndTest : public SlurmExecutorTest, public ::testing::WithParamInterface<SilentEnd> {};

TEST_P(SilentEndTest, IsNoticedAndNamed) {
  slurm_.runs_at_once = false;
  driver().start_additions(2);
  wait_for_jobs(2);
  end_silently(GetParam().state, GetParam().reason);
  driver().finish(2);
  EXPECT_EQ(driver().failure("add0").cause, GetParam().cause);
  EXPECT_THAT(driver().failure("add0").command, HasSubstr("SLURM job 1_0"));
}

INSTANTIATE_TEST_SUITE_P(
    States, SilentEndTest,
    ::testing::Values(SilentEnd{"OUT_OF_MEMORY", "OutOfMemory", Cause::kMemory},
                      SilentEnd{"FAILED", "JobLaunchFailure", Cause::kSignal},
                      SilentEnd{"COMPLETED", "None", Cause::kExit},
                      SilentEnd{"TIMEOUT", "TimeLimit", Cause::kTimeLimit},
                      SilentEnd{"NODE_FAIL", "NodeDown", Cause::kLost},
                      SilentEnd{"CANCELLED", "None", Cause::kCancelled},
                      SilentEnd{"PENDING", "launch failed requeued held", Cause::kLost},
                      SilentEnd{"", "", Cause::kLost}),
    [](const auto& test) {
      return std::string(test.param.state).empty() ? std::string("Vanished")
                                                   : std::string(test.param.state);
    });

TEST_F(SlurmExecutorTest, KilledJobThatWillRunAgainIsWaitedFor) {
  slurm_.runs_at_once = false;
  driver().start_additions(1);
  wait_for_jobs(1);
  slurm_.for_each([](FakeSlurm::Job& job) { FakeSlurm::end_script(job, 143); });
  driver().idle(std::chrono::milliseconds(1500));
  EXPECT_TRUE(driver().outcomes.empty());
  slurm_.for_each([&](FakeSlurm::Job& job) { slurm_.run_job(job); });
  driver().finish(1);
  driver().expect_sums(1);
}

TEST_F(SlurmExecutorTest, NodeThatKillsItselfIsTellableFromOneThatSlurmKilled) {
  slurm_.runs_at_once = false;
  driver().start_additions(1);
  wait_for_jobs(1);
  slurm_.for_each([](FakeSlurm::Job& job) { FakeSlurm::end_script(job, 137); });
  end_silently("FAILED", "NonZeroExitCode");
  driver().finish(1);
  EXPECT_EQ(driver().failure("add0").cause, Cause::kSignal);
  EXPECT_EQ(driver().failure("add0").signal, SIGKILL);
}

TEST_F(SlurmExecutorTest, QueueIsAskedAtMostOncePerInterval) {
  slurm_.runs_at_once = false;
  options_.poll_interval = std::chrono::milliseconds(200);
  driver().start_additions(10);
  driver().idle(std::chrono::milliseconds(1100));
  EXPECT_LE(slurm_.calls("squeue").size(), 5u);
  EXPECT_GE(slurm_.calls("squeue").size(), 2u);
}

}  // namespace
}  // namespace hypersynth::pipeline
