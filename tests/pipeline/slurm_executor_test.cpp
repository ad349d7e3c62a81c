// The SLURM executor on a made-up cluster: every way a job, a command or a driver can end.

#include "pipeline/slurm_executor.h"

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/execute.h"
#include "pipeline/fake_slurm.h"
#include "pipeline/local_executor.h"

namespace hypersynth::pipeline {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// A driver's share of a run: an executor and what became of its tasks.
class Driver {
 public:
  Driver(FakeSlurm& slurm, const fs::path& work_dir, const SlurmOptions& options)
      : work_folder_(work_dir, real_file_system()),
        memo_(real_file_system()),
        executor_(options, work_folder_, loop_, {"program"},
                  std::make_unique<FakeSlurmCommands>(slurm),
                  std::make_unique<LocalExecutor>(work_folder_, memo_, loop_, ResourceLimits{},
                                                  std::vector<std::string>{"program"}),
                  [this](const std::string& text) { warnings.push_back(text); }) {}

  template <Interface I>
  void start(const std::string& node, typename I::Inputs inputs, const Resources& needs = {},
             Placement placement = Placement::kProcess) {
    Task task;
    task.node = node;
    task.interface = erase<I>();
    task.inputs = to_values(inputs, I::inputs);
    task.key = cache_key(node, *task.interface, task.inputs,
                         [&](const fs::path& path) { return memo_.find(path).digest; });
    task.folder = WorkFolder::folder_name(node, task.key.digest);
    task.needs = needs;
    task.placement = placement;
    task.attempt_dir = work_folder_.new_attempt(task.folder);
    task.slots = executor_.take(needs, placement).value();
    executor_.start(std::move(task), [this](const Task& done, TaskOutcome outcome) {
      executor_.give_back(done.slots, done.placement);
      EXPECT_EQ(outcomes.count(done.node), 0u) << "reported twice";
      outcomes.emplace(done.node, std::move(outcome));
    });
  }

  void start_additions(int count) {
    for (int i = 0; i < count; ++i) start<Add>("add" + std::to_string(i), {i, 1000});
    executor_.flush();
  }

  template <class Condition>
  void run_until(const Condition& condition,
                 std::chrono::seconds limit = std::chrono::seconds(20)) {
    bool late = false;
    const auto timer = loop_.after(limit, [&] { late = true; });
    while (!condition() && !late) loop_.run_once();
    loop_.cancel(timer);
    ASSERT_FALSE(late);
  }
  void finish(std::size_t count) {
    run_until([&] { return outcomes.size() == count; });
  }
  /// Goes on for a while in which nothing has to happen.
  void idle(std::chrono::milliseconds time) {
    bool over = false;
    loop_.after(time, [&] { over = true; });
    while (!over) loop_.run_once();
  }

  const Failure& failure(const std::string& node) { return std::get<Failure>(outcomes.at(node)); }
  void expect_sums(int count) {
    for (int i = 0; i < count; ++i) {
      const auto* result = std::get_if<Result>(&outcomes.at("add" + std::to_string(i)));
      ASSERT_NE(result, nullptr) << failure("add" + std::to_string(i)).message;
      EXPECT_EQ(result->outputs.at(0).as<std::int64_t>(), i + 1000);
    }
  }

  std::map<std::string, TaskOutcome> outcomes;
  std::vector<std::string> warnings;
  Executor& executor() { return executor_; }
  const WorkFolder& work_folder() const { return work_folder_; }

 private:
  WorkFolder work_folder_;
  DigestMemo memo_;
  EventLoop loop_;
  SlurmExecutor executor_;
};

class SlurmExecutorTest : public ::testing::Test {
 protected:
  SlurmExecutorTest() { options_.poll_interval = std::chrono::milliseconds(50); }

  Driver& driver() {
    if (!driver_) driver_.emplace(slurm_, work(), options_);
    return *driver_;
  }
  fs::path work() const { return folder_ / "work"; }

  /// Waits until the cluster has that many jobs.
  void wait_for_jobs(std::size_t count) {
    driver().run_until([&] {
      std::size_t jobs = 0;
      slurm_.for_each([&](const FakeSlurm::Job&) { ++jobs; });
      return jobs == count;
    });
  }

  /// All jobs that wait end in this state, without a word of their own.
  void end_silently(const std::string& state, const std::string& reason) {
    slurm_.for_each([&](FakeSlurm::Job& job) {
      job.state = state;
      job.reason = reason;
    });
  }

  TemporaryFolder folder_;
  FakeSlurm slurm_;
  SlurmOptions options_;
  std::optional<Driver> driver_;
};

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

TEST_F(SlurmExecutorTest, JobsOfADriverThatDiedAreAdopted) {
  slurm_.runs_at_once = false;
  driver().start_additions(6);
  wait_for_jobs(6);
  driver_.reset();
  int left = 2;  // two end while no driver is there
  slurm_.for_each([&](FakeSlurm::Job& job) {
    if (left-- > 0) return slurm_.run_job(job);
    job.state = "RUNNING";
  });
  Driver second(slurm_, work(), options_);
  for (int i = 2; i < 6; ++i) second.start<Add>("add" + std::to_string(i), {i, 1000});
  second.executor().flush();
  second.idle(std::chrono::milliseconds(300));
  slurm_.for_each([&](FakeSlurm::Job& job) {
    if (job.state == "RUNNING") slurm_.run_job(job);
  });
  second.finish(4);
  EXPECT_EQ(slurm_.calls("sbatch").size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Result>(second.outcomes.at("add5")));
  EXPECT_TRUE(fs::is_empty(work() / "slurm"));
}

TEST_F(SlurmExecutorTest, JobsOfADriverThatDiedAndWereLostAreSubmittedAgain) {
  slurm_.runs_at_once = false;
  driver().start_additions(3);
  wait_for_jobs(3);
  driver_.reset();
  end_silently("", "");
  slurm_.runs_at_once = true;
  driver().start_additions(3);
  driver().finish(3);
  driver().expect_sums(3);
  EXPECT_EQ(slurm_.calls("sbatch").size(), 2u);
}

TEST_F(SlurmExecutorTest, CancelledRunLeavesNothingInTheQueue) {
  slurm_.runs_at_once = false;
  driver().start_additions(10);
  wait_for_jobs(10);
  driver().start<Add>("late", {1, 1});
  driver().executor().cancel();
  driver().finish(11);
  for (const auto& [node, outcome] : driver().outcomes)
    EXPECT_EQ(std::get<Failure>(outcome).cause, Cause::kCancelled);
  slurm_.for_each([](FakeSlurm::Job& job) { EXPECT_EQ(job.state, "CANCELLED"); });
}

TEST_F(SlurmExecutorTest, CancelDuringASubmissionCancelsWhatComesOfIt) {
  slurm_.runs_at_once = false;
  driver().start_additions(10);
  driver().executor().cancel();
  driver().finish(10);
  slurm_.for_each([](FakeSlurm::Job& job) { EXPECT_EQ(job.state, "CANCELLED"); });
}

TEST_F(SlurmExecutorTest, CancelGoesOnWhileTheControllerIsAway) {
  slurm_.runs_at_once = false;
  driver().start_additions(3);
  wait_for_jobs(3);
  driver().idle(std::chrono::milliseconds(100));
  slurm_.unanswered = 1;
  driver().executor().cancel();
  driver().finish(3);
  slurm_.for_each([](FakeSlurm::Job& job) { EXPECT_EQ(job.state, "CANCELLED"); });
}

TEST_F(SlurmExecutorTest, StoppedRunLetsRunningJobsEndAndCancelsThoseThatWait) {
  slurm_.runs_at_once = false;
  driver().start_additions(4);
  wait_for_jobs(4);
  driver().idle(std::chrono::milliseconds(100));
  slurm_.for_each([](FakeSlurm::Job& job) {
    if (job.index == 2) job.state = "RUNNING";
  });
  driver().executor().stop_waiting();
  driver().finish(3);
  slurm_.for_each([&](FakeSlurm::Job& job) {
    if (job.state == "RUNNING") slurm_.run_job(job);
  });
  driver().finish(4);
  EXPECT_TRUE(std::holds_alternative<Result>(driver().outcomes.at("add2")));
  EXPECT_EQ(driver().failure("add0").cause, Cause::kCancelled);
}

TEST_F(SlurmExecutorTest, JobThatAForgetfulControllerBringsBackIsCancelled) {
  slurm_.runs_at_once = false;
  driver().start_additions(2);
  wait_for_jobs(2);
  slurm_.for_each([&](FakeSlurm::Job& job) {
    if (job.index == 0) slurm_.run_job(job);
  });
  driver().finish(1);
  slurm_.for_each([](FakeSlurm::Job& job) { job.state = "PENDING"; });
  driver().idle(std::chrono::milliseconds(300));
  slurm_.for_each([&](FakeSlurm::Job& job) {
    if (job.index == 1) slurm_.run_job(job);
  });
  driver().finish(2);
  driver_.reset();
  slurm_.for_each([](FakeSlurm::Job& job) {
    EXPECT_EQ(job.state, job.index == 0 ? "CANCELLED" : "COMPLETED");
  });
}

TEST(SlurmlessTest, MissingCommandsAreOneClearErrorBeforeAnythingStarts) {
  const TemporaryFolder folder;
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", folder.operator const fs::path&().c_str(), 1);
  RunOptions options = options_for(folder / "work");
  options.slurm.emplace();
  try {
    run(Workflow("empty"), options);
    ADD_FAILURE() << "no error";
  } catch (const SlurmError& error) {
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
