// What outlives a driver, a run or a controller, and what must not.

#include "pipeline/batch_executor_fixture.h"

namespace hypersynth::pipeline {
namespace {

TEST_P(BatchExecutorTest, JobsOfADriverThatDiedAreAdopted) {
  cluster_->runs_at_once = false;
  driver().start_additions(6);
  wait_for_jobs(6);
  driver_.reset();
  int left = 2;  // two end while no driver is there
  cluster_->for_each([&](FakeCluster::Job& job) {
    if (left-- > 0) return cluster_->run_job(job);
    job.state = "RUNNING";
  });
  Driver second(*cluster_, work(), options_);
  for (int i = 2; i < 6; ++i) second.start<Add>("add" + std::to_string(i), {i, 1000});
  second.executor().flush();
  second.idle(std::chrono::milliseconds(300));
  cluster_->for_each([&](FakeCluster::Job& job) {
    if (job.state == "RUNNING") cluster_->run_job(job);
  });
  second.finish(4);
  EXPECT_EQ(cluster_->submissions().size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Result>(second.outcomes.at("add5")));
  EXPECT_TRUE(fs::is_empty(work() / dialect().folder()));
}

TEST_P(BatchExecutorTest, JobsOfADriverThatDiedAndWereLostAreSubmittedAgain) {
  cluster_->runs_at_once = false;
  driver().start_additions(3);
  wait_for_jobs(3);
  driver_.reset();
  end_silently("", "");
  cluster_->runs_at_once = true;
  driver().start_additions(3);
  driver().finish(3);
  driver().expect_sums(3);
  EXPECT_EQ(cluster_->submissions().size(), 2u);
}

TEST_P(BatchExecutorTest, CancelledRunLeavesNothingInTheQueue) {
  cluster_->runs_at_once = false;
  driver().start_additions(10);
  wait_for_jobs(10);
  driver().start<Add>("late", {1, 1});
  driver().executor().cancel();
  driver().finish(11);
  for (const auto& [node, outcome] : driver().outcomes)
    EXPECT_EQ(std::get<Failure>(outcome).cause, Cause::kCancelled);
  cluster_->for_each([](FakeCluster::Job& job) { EXPECT_EQ(job.state, "CANCELLED"); });
}

TEST_P(BatchExecutorTest, CancelDuringASubmissionCancelsWhatComesOfIt) {
  cluster_->runs_at_once = false;
  driver().start_additions(10);
  driver().executor().cancel();
  driver().finish(10);
  cluster_->for_each([](FakeCluster::Job& job) { EXPECT_EQ(job.state, "CANCELLED"); });
}

TEST_P(BatchExecutorTest, CancelGoesOnWhileTheControllerIsAway) {
  cluster_->runs_at_once = false;
  driver().start_additions(3);
  wait_for_jobs(3);
  driver().idle(std::chrono::milliseconds(100));
  cluster_->unanswered = 1;
  driver().executor().cancel();
  driver().finish(3);
  cluster_->for_each([](FakeCluster::Job& job) { EXPECT_EQ(job.state, "CANCELLED"); });
}

TEST_P(BatchExecutorTest, StoppedRunLetsRunningJobsEndAndCancelsThoseThatWait) {
  cluster_->runs_at_once = false;
  driver().start_additions(4);
  wait_for_jobs(4);
  driver().idle(std::chrono::milliseconds(100));
  cluster_->for_each([](FakeCluster::Job& job) {
    if (job.index == 2) job.state = "RUNNING";
  });
  driver().executor().stop_waiting();
  driver().finish(3);
  cluster_->for_each([&](FakeCluster::Job& job) {
    if (job.state == "RUNNING") cluster_->run_job(job);
  });
  driver().finish(4);
  EXPECT_TRUE(std::holds_alternative<Result>(driver().outcomes.at("add2")));
  EXPECT_EQ(driver().failure("add0").cause, Cause::kCancelled);
}

TEST_P(BatchExecutorTest, JobThatAForgetfulControllerBringsBackIsCancelled) {
  cluster_->runs_at_once = false;
  driver().start_additions(2);
  wait_for_jobs(2);
  cluster_->for_each([&](FakeCluster::Job& job) {
    if (job.index == 0) cluster_->run_job(job);
  });
  driver().finish(1);
  cluster_->for_each([](FakeCluster::Job& job) { job.state = "PENDING"; });
  driver().idle(std::chrono::milliseconds(300));
  cluster_->for_each([&](FakeCluster::Job& job) {
    if (job.index == 1) cluster_->run_job(job);
  });
  driver().finish(2);
  driver_.reset();
  cluster_->for_each([](FakeCluster::Job& job) {
    EXPECT_EQ(job.state, job.index == 0 ? "CANCELLED" : "COMPLETED");
  });
}

TEST(ClusterlessTest, MissingCommandsAreOneClearErrorBeforeAnythingStarts) {
  const TemporaryFolder folder;
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", folder.operator const fs::path&().c_str(), 1);
  RunOptions options = options_for(folder / "work");
  options.cluster.emplace();
  try {
    run(Workflow("empty"), options);
    ADD_FAILURE() << "no error";
  } catch (const ClusterError& error) {
    EXPECT_THAT(error.what(), HasSubstr("expected the command sbatch in PATH, found none"));
  }
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_FALSE(fs::exists(folder / "work"));
}

/// Numbers its executions.
struct Numbered {
  struct Inputs {
    int input = 0;
  };
  struct Outputs {
    int execution = 0;
  };
  static constexpr std::tuple inputs{Port{"input", &Inputs::input}};
  static constexpr std::tuple outputs{Port{"execution", &Outputs::execution}};
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs&, NodeContext&) const { return {++executions()}; }
};

TEST(FencingTest, LateAttemptDoesNotOverwriteACommittedResult) {
  const TemporaryFolder folder;
  const WorkFolder work_folder(folder, real_file_system());
  DigestMemo memo(real_file_system());
  Task task;
  task.node = "node";
  task.interface = erase<Numbered>();
  task.inputs = to_values(Numbered::Inputs{1}, Numbered::inputs);
  task.key = cache_key("node", *task.interface, task.inputs, {});
  task.folder = WorkFolder::folder_name("node", task.key.digest);
  task.placement = Placement::kProcess;
  std::vector<std::int64_t> executions;
  for (int attempt = 0; attempt < 2; ++attempt) {
    task.attempt_dir = work_folder.new_attempt(task.folder);
    const auto outcome = execute(work_folder, task, memo, {}, Metering::kProcess);
    executions.push_back(std::get<Result>(outcome).outputs.at(0).as<std::int64_t>());
  }
  EXPECT_EQ(executions[0], executions[1]);
  EXPECT_TRUE(fs::is_empty(work_folder.attempts()));
}

}  // namespace
}  // namespace hypersynth::pipeline
