// The executor of clusters on a made-up one: every way a job, a command or a driver can end.

#include "pipeline/batch_executor_fixture.h"

namespace hypersynth::pipeline {
namespace {

TEST_P(BatchExecutorTest, EqualTasksThatAreReadyTogetherAreOneArray) {
  driver().start_additions(100);
  driver().finish(100);
  driver().expect_sums(100);
  ASSERT_EQ(cluster_->submissions().size(), 1u);
  EXPECT_THAT(cluster_->submissions()[0], Contains(cluster_->array_option(100)));
  driver_.reset();
  EXPECT_TRUE(fs::is_empty(work() / dialect().folder()));
}

TEST_P(BatchExecutorTest, TasksOfOtherNeedsAreArraysOfTheirOwn) {
  driver().start<Add>("small", {1, 1});
  driver().start<Add>("large", {1, 2}, {8, 4'000'000'000, 1});
  driver().start<Add>("small too", {1, 3});
  driver().executor().flush();
  driver().finish(3);
  const auto calls = cluster_->submissions();
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_THAT(calls[0], Contains(cluster_->array_option(2)));
}

TEST_P(BatchExecutorTest, LightNodesStayWithTheDriverUnlessToldOtherwise) {
  driver().start<Add>("light", {1, 2}, {}, Placement::kThread);
  driver().executor().flush();
  driver().finish(1);
  EXPECT_EQ(cluster_->submissions().size(), 0u);
  driver_.reset();
  options_.submit_light_nodes = true;
  driver().start<Add>("light too", {1, 2}, {}, Placement::kThread);
  driver().executor().flush();
  driver().finish(1);
  EXPECT_EQ(cluster_->submissions().size(), 1u);
}

TEST_P(BatchExecutorTest, NodesTooManyForOneArrayOfTheClusterBecomeSeveral) {
  cluster_->largest_array = 30;
  driver().start_additions(100);
  driver().finish(100);
  driver().expect_sums(100);
}

TEST_P(BatchExecutorTest, MoreJobsThanTheUserMayHaveWaitForRoom) {
  cluster_->runs_at_once = false;
  cluster_->most_jobs = 7;
  driver().start_additions(40);
  driver().run_until([&] {
    cluster_->for_each([&](FakeCluster::Job& job) {
      if (job.state == "PENDING") cluster_->run_job(job);
    });
    return driver().outcomes.size() == 40;
  });
  driver().expect_sums(40);
  ASSERT_GE(driver().warnings.size(), 1u);
  EXPECT_THAT(driver().warnings[0], HasSubstr(cluster_->no_room_words()));
}

TEST_P(BatchExecutorTest, NoMoreJobsThanAskedForAreSubmittedAtATime) {
  options_.max_jobs = 2;
  Executor& executor = driver().executor();
  EXPECT_TRUE(executor.take({}, Placement::kProcess).has_value());
  EXPECT_TRUE(executor.take({}, Placement::kProcess).has_value());
  EXPECT_FALSE(executor.take({}, Placement::kProcess).has_value());
  EXPECT_TRUE(executor.take({}, Placement::kThread).has_value());
  executor.give_back({}, Placement::kProcess);
  EXPECT_TRUE(executor.take({}, Placement::kProcess).has_value());
}

TEST_P(BatchExecutorTest, RefusedJobsFailWithTheSchedulersWords) {
  cluster_->refusal =
      "sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job ...\n";
  driver().start_additions(3);
  driver().finish(3);
  EXPECT_EQ(driver().failure("add1").cause, Cause::kRefused);
  EXPECT_EQ(
      driver().failure("add1").message,
      dialect().name() + " refused its job: sbatch: error: invalid partition specified: nope");
}

TEST_P(BatchExecutorTest, FailureOfANodeIsTheOneItsProcessReports) {
  driver().start<MayFail>("bad", {1, true});
  driver().executor().flush();
  driver().finish(1);
  EXPECT_EQ(driver().failure("bad").cause, Cause::kException);
  EXPECT_EQ(driver().failure("bad").message, "told to fail");
  EXPECT_EQ(cluster_->listings().size(), 0u);
}

TEST_P(BatchExecutorTest, WhatAJobFindsWrongWithAFileReachesTheDriverAsItIs) {
  driver().start<Misbehave>("bad", {"refuse", 0, (folder_ / "journal").string()});
  driver().executor().flush();
  driver().finish(1);
  EXPECT_EQ(driver().failure("bad").input, tricky_findings());
}

TEST_P(BatchExecutorTest, SchedulerThatIsAwayForAWhileCostsTimeOnly) {
  cluster_->unanswered = 4;
  driver().start_additions(20);
  driver().finish(20);
  driver().expect_sums(20);
  EXPECT_THAT(driver().warnings, SizeIs(1));
  EXPECT_EQ(cluster_->submissions().size(), 2u);
}

TEST_P(BatchExecutorTest, NodesThatBecomeReadyWhileTheSchedulerIsAwayAreSubmittedOnceItIsBack) {
  cluster_->runs_at_once = false;
  driver().start_additions(1);
  wait_for_jobs(1);
  cluster_->unanswered = 1000;
  driver().run_until([&] { return !driver().warnings.empty(); });
  // The last job that is known ends without a word from the scheduler.
  cluster_->for_each([&](FakeCluster::Job& job) { cluster_->run_job(job); });
  driver().finish(1);
  driver().start_additions(2, 1);
  driver().idle(std::chrono::milliseconds(200));
  cluster_->runs_at_once = true;
  cluster_->unanswered = 0;
  driver().finish(2);
  driver().expect_sums(2);
}

TEST_P(BatchExecutorTest, JobThatWasAcceptedWithoutAnAnswerIsNotSubmittedAgain) {
  cluster_->runs_at_once = false;
  cluster_->unanswered = 1;
  cluster_->accepts_unanswered = true;
  driver().start_additions(5);
  wait_for_jobs(5);
  driver().idle(std::chrono::milliseconds(300));
  cluster_->for_each([&](FakeCluster::Job& job) { cluster_->run_job(job); });
  driver().finish(5);
  driver().expect_sums(5);
  EXPECT_EQ(cluster_->submissions().size(), 1u);
}

TEST_P(BatchExecutorTest, ClusterThatStaysSilentLosesTheNodesAfterAllPatience) {
  options_.patience = std::chrono::minutes(0);
  cluster_->unanswered = 1000;
  driver().start_additions(2);
  driver().finish(2);
  EXPECT_EQ(driver().failure("add0").cause, Cause::kLost);
}

INSTANTIATE_TEST_SUITE_P(Each, BatchExecutorTest, kAllSystems, system_name);

struct SilentEnd {
  BatchSystem system;
  const char* state;
  const char* reason;
  Cause cause;
};

class SilentEndTest : public FakeClusterTest, public ::testing::WithParamInterface<SilentEnd> {
 protected:
  SilentEndTest() : FakeClusterTest(GetParam().system) {}
};

TEST_P(SilentEndTest, IsNoticedAndNamed) {
  cluster_->runs_at_once = false;
  driver().start_additions(2);
  wait_for_jobs(2);
  end_silently(GetParam().state, GetParam().reason);
  driver().finish(2);
  EXPECT_EQ(driver().failure("add0").cause, GetParam().cause);
  EXPECT_THAT(driver().failure("add0").command, HasSubstr(dialect().name() + " job " + "1"));
}

INSTANTIATE_TEST_SUITE_P(
    States, SilentEndTest,
    ::testing::Values(
        SilentEnd{BatchSystem::kSlurm, "OUT_OF_MEMORY", "OutOfMemory", Cause::kMemory},
        SilentEnd{BatchSystem::kSlurm, "FAILED", "JobLaunchFailure", Cause::kSignal},
        SilentEnd{BatchSystem::kSlurm, "COMPLETED", "None", Cause::kExit},
        SilentEnd{BatchSystem::kSlurm, "TIMEOUT", "TimeLimit", Cause::kTimeLimit},
        SilentEnd{BatchSystem::kSlurm, "NODE_FAIL", "NodeDown", Cause::kLost},
        SilentEnd{BatchSystem::kSlurm, "CANCELLED", "None", Cause::kCancelled},
        SilentEnd{BatchSystem::kSlurm, "PENDING", "launch failed requeued held", Cause::kLost},
        SilentEnd{BatchSystem::kSlurm, "", "", Cause::kLost},
        SilentEnd{BatchSystem::kPbs, "-27", "", Cause::kMemory},
        SilentEnd{BatchSystem::kPbs, "265", "", Cause::kSignal},
        SilentEnd{BatchSystem::kPbs, "COMPLETED", "", Cause::kExit},
        SilentEnd{BatchSystem::kPbs, "-29", "", Cause::kTimeLimit},
        SilentEnd{BatchSystem::kPbs, "-3", "", Cause::kLost},
        SilentEnd{BatchSystem::kPbs, "CANCELLED", "", Cause::kCancelled},
        SilentEnd{BatchSystem::kPbs, "HELD", "", Cause::kLost},
        SilentEnd{BatchSystem::kPbs, "", "", Cause::kLost},
        SilentEnd{BatchSystem::kSge, "HELD", "", Cause::kLost},
        SilentEnd{BatchSystem::kSge, "", "", Cause::kLost}),
    [](const auto& test) {
      std::string state = test.param.state;
      std::replace(state.begin(), state.end(), '-', 'm');
      return dialect_of(test.param.system).name() + '_' + (state.empty() ? "vanished" : state);
    });

TEST_P(BatchExecutorTest, KilledJobThatWillRunAgainIsWaitedFor) {
  cluster_->runs_at_once = false;
  driver().start_additions(1);
  wait_for_jobs(1);
  cluster_->for_each([](FakeCluster::Job& job) { FakeCluster::end_script(job, 143); });
  driver().idle(std::chrono::milliseconds(1500));
  EXPECT_TRUE(driver().outcomes.empty());
  cluster_->for_each([&](FakeCluster::Job& job) { cluster_->run_job(job); });
  driver().finish(1);
  driver().expect_sums(1);
}

TEST_P(BatchExecutorTest, NodeThatKillsItselfIsTellableFromOneThatTheSchedulerKilled) {
  cluster_->runs_at_once = false;
  driver().start_additions(1);
  wait_for_jobs(1);
  cluster_->for_each([](FakeCluster::Job& job) { FakeCluster::end_script(job, 137); });
  end_silently("FAILED", "NonZeroExitCode");
  driver().finish(1);
  EXPECT_EQ(driver().failure("add0").cause, Cause::kSignal);
  EXPECT_EQ(driver().failure("add0").signal, SIGKILL);
}

TEST_P(BatchExecutorTest, TheEndOfAKilledJobIsKeptWhileItIsStillListedAsRunning) {
  cluster_->runs_at_once = false;
  driver().start_additions(1);
  wait_for_jobs(1);
  cluster_->for_each([](FakeCluster::Job& job) {
    FakeCluster::end_script(job, 137);
    job.state = "RUNNING";  // its epilog is
  });
  driver().idle(std::chrono::milliseconds(500));
  end_silently("FAILED", "NonZeroExitCode");
  driver().finish(1);
  EXPECT_EQ(driver().failure("add0").cause, Cause::kSignal);
  EXPECT_EQ(driver().failure("add0").signal, SIGKILL);
}

TEST(PbsWithoutHistoryTest, JobsThatHaveEndedAreNoticedAllTheSame) {
  const TemporaryFolder folder;
  FakePbs cluster(false);
  cluster.runs_at_once = false;
  BatchOptions options;
  options.system = BatchSystem::kPbs;
  options.poll_interval = std::chrono::milliseconds(50);
  Driver driver(cluster, folder / "work", options);
  driver.start_additions(3);
  bool done = false;
  driver.run_until([&] {
    cluster.for_each([&](FakeCluster::Job& job) {
      if (job.index == 1) cluster.run_job(job);
      if (job.index != 1) job.state = "265";  // without a word
      done = true;
    });
    return done;
  });
  driver.finish(3);
  EXPECT_TRUE(std::holds_alternative<Result>(driver.outcomes.at("add1")));
  EXPECT_EQ(driver.failure("add0").cause, Cause::kLost);
}

TEST_P(BatchExecutorTest, QueueIsAskedAtMostOncePerInterval) {
  cluster_->runs_at_once = false;
  options_.poll_interval = std::chrono::milliseconds(200);
  driver().start_additions(10);
  driver().idle(std::chrono::milliseconds(1100));
  EXPECT_LE(cluster_->listings().size(), 5u);
  EXPECT_GE(cluster_->listings().size(), 2u);
}

}  // namespace
}  // namespace hypersynth::pipeline
