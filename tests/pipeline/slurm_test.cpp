// A SLURM cluster for real: three virtual nodes on this machine.

#include <algorithm>
#include <chrono>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/driver_process.h"
#include "pipeline/process_nodes.h"
#include "pipeline/slurm_cluster.h"

namespace hypersynth::pipeline {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SlurmTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (SlurmCluster::obstacle()) return;
    ClusterOptions options;
    options.cpus = 8;
    options.max_array_size = 101;
    cluster_.emplace(options);
  }
  static void TearDownTestSuite() { cluster_.reset(); }

  void SetUp() override {
    if (const auto obstacle = SlurmCluster::obstacle()) GTEST_SKIP() << *obstacle;
    ASSERT_TRUE(cluster_->is_up()) << read_text(cluster_->folder() / "slurmctld.log");
    sbatch_before_ = cluster_->calls("sbatch").size();
    squeue_before_ = cluster_->calls("squeue").size();
  }

  RunOptions options(const fs::path& work_dir) const {
    RunOptions result = options_for(work_dir);
    result.program = {driver_program()};
    result.sync = false;
    result.cluster.emplace().poll_interval = std::chrono::seconds(1);
    return result;
  }
  RunOptions options() const { return options(folder_ / "work"); }

  static NodeOptions process(std::uint64_t memory_bytes = 0) {
    NodeOptions result;
    result.placement = Placement::kProcess;
    result.resources.memory_bytes = memory_bytes;
    return result;
  }

  std::string journal() const { return (folder_ / "journal").string(); }

  Workflow nodes(int count, int sleep_ms = 0) const {
    return chains_workflow(count, 1, journal(), sleep_ms, Placement::kProcess);
  }

  RunReport run_one(const std::string& how, int amount, std::uint64_t memory_bytes = 0,
                    std::uint64_t limit_bytes = 0) const {
    Workflow workflow("misbehaving");
    const auto bad =
        workflow.add<Misbehave>("bad", {how, amount, journal()}, process(memory_bytes));
    const auto after = workflow.add<Add>("after", {0, 2}, process());
    workflow.connect(bad, &Misbehave::Outputs::value, after, &Add::Inputs::a);
    workflow.add<Add>("good", {1, 2}, process());
    RunOptions limited = options();
    limited.cluster->max_memory_bytes = limit_bytes;
    return run(workflow, limited);
  }

  std::vector<std::string> driver_arguments(int chains, int length, int sleep_ms) const {
    return {(folder_ / "work").string(), journal(), std::to_string(chains), std::to_string(length),
            std::to_string(sleep_ms),    "slurm"};
  }

  std::size_t submissions() const { return cluster_->calls("sbatch").size() - sbatch_before_; }
  std::size_t queue_calls() const { return cluster_->calls("squeue").size() - squeue_before_; }

  static void expect_each_once(std::vector<std::string> ran, std::size_t count) {
    EXPECT_EQ(ran.size(), count);
    EXPECT_EQ(std::set<std::string>(ran.begin(), ran.end()).size(), count);
  }

  void expect_empty_queue() const {
    const fs::path work = folder_ / "work";
    becomes_true([&] { return cluster_->queue(work).empty(); });
    EXPECT_THAT(cluster_->queue(work), IsEmpty());
  }

  TemporaryFolder folder_;
  std::size_t sbatch_before_ = 0;
  std::size_t squeue_before_ = 0;
  static std::optional<SlurmCluster> cluster_;
};

std::optional<SlurmCluster> SlurmTest::cluster_;

TEST_F(SlurmTest, HundredEqualNodesAreOneArrayAndTheQueueIsAskedOncePerInterval) {
  const auto started = std::chrono::steady_clock::now();
  const RunReport report = run(nodes(100), options());
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - started;
  EXPECT_TRUE(report.ok());
  expect_each_once(lines_of(journal()), 100);
  EXPECT_EQ(submissions(), 1u);
  EXPECT_LE(queue_calls(), static_cast<std::size_t>(time.count()) + 1);
  EXPECT_TRUE(fs::is_empty(folder_ / "work" / "slurm"));
  EXPECT_GT(report.nodes[0].usage.peak_bytes.value_or(0), 500'000u);
  EXPECT_EQ(run(nodes(100), options()).executed(), 0u);
}

TEST_F(SlurmTest, ArrayThatIsTooLargeForTheClusterBecomesSeveral) {
  EXPECT_TRUE(run(nodes(102), options()).ok());
  expect_each_once(lines_of(journal()), 102);
  EXPECT_EQ(submissions(), 3u);  // one is refused
}

TEST_F(SlurmTest, ChainsRunThroughAndSpecialCharactersInTheFolderDoNotMatter) {
  const fs::path odd = folder_ / "50%j of \\a 'strange' \"folder\" $HOME;&";
  const Workflow workflow = chains_workflow(3, 3, journal(), 0, Placement::kProcess);
  const RunReport report = run(workflow, options(odd / "work"));
  EXPECT_TRUE(report.ok()) << report.nodes[0].message;
  const auto last = report.outputs<Logged>("chain2.step2");
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(read_text(last->file), "abc");
}

TEST_F(SlurmTest, FailingNodeIsReportedWithItsLastWordsAndItsDependentsAreSkipped) {
  const RunReport report = run_one("complain", 0);
  const NodeReport& bad = *report.find("bad");
  EXPECT_EQ(bad.cause, Cause::kException);
  EXPECT_EQ(bad.message, "told to complain");
  EXPECT_EQ(report.find("after")->state, NodeState::kSkipped);
  EXPECT_EQ(report.find("good")->state, NodeState::kDone);
  const std::string text = read_text(bad.crash_file);
  EXPECT_THAT(text, HasSubstr("complaint 999"));
  EXPECT_THAT(text, HasSubstr("SLURM job "));
  const std::string rerun = text.substr(text.find("Run just this node again\n") + 25);
  EXPECT_THAT(output_of('(' + rerun.substr(0, rerun.size() - 1) + " 2>&1)"),
              HasSubstr("bad: told to complain"));
  expect_empty_queue();
}

TEST_F(SlurmTest, NodeOverItsMemoryIsEndedAndTriedOnceWithMore) {
  const RunReport report = run_one("allocate", 300, 100'000'000);
  EXPECT_EQ(report.find("bad")->state, NodeState::kDone) << report.find("bad")->message;
  EXPECT_EQ(lines_of(journal()).size(), 2u);
}

TEST_F(SlurmTest, NodeOverAllItMayHaveIsReported) {
  const RunReport report = run_one("allocate", 300, 100'000'000, 100'000'000);
  EXPECT_EQ(report.find("bad")->cause, Cause::kMemory) << report.find("bad")->message;
  EXPECT_EQ(report.find("after")->state, NodeState::kSkipped);
}

TEST_F(SlurmTest, NodeThatSlurmKillsForItsMemoryIsReportedAsThat) {
  const RunReport report = run_one("hold", 900);  // of the cluster's default of 500 MB
  EXPECT_EQ(report.find("bad")->cause, Cause::kMemory) << report.find("bad")->message;
  EXPECT_THAT(read_text(report.find("bad")->crash_file), HasSubstr("memory limit"));
}

TEST_F(SlurmTest, NodeThatKillsItselfIsTriedTwiceAndReported) {
  const RunReport report = run_one("die", 0);
  EXPECT_EQ(report.find("bad")->cause, Cause::kSignal);
  EXPECT_EQ(lines_of(journal()).size(), 2u);
  EXPECT_EQ(report.find("good")->state, NodeState::kDone);
}

TEST_F(SlurmTest, JobThatSomeoneElseCancelsIsAFailure) {
  std::thread someone([&] {
    wait_for_lines(journal(), 1);
    output_of("scancel --user=$(id -u)");
  });
  const RunReport report = run(nodes(1, 60'000), options());
  someone.join();
  EXPECT_FALSE(report.cancelled);
  EXPECT_EQ(report.nodes[0].state, NodeState::kFailed);
  EXPECT_EQ(report.nodes[0].message, "its cluster job was cancelled");
}

TEST_F(SlurmTest, NodeThatTheClusterCannotHoldIsRefusedWithSlurmsWords) {
  const RunReport report = run_one("sleep", 0, 1'000'000'000'000);
  EXPECT_EQ(report.find("bad")->cause, Cause::kRefused);
  EXPECT_THAT(report.find("bad")->message, HasSubstr("Memory specification can not be satisfied"));
  EXPECT_EQ(report.find("good")->state, NodeState::kDone);
}

TEST_F(SlurmTest, JobsOfALostClusterNodeRunAgainAndTheirLateFirstAttemptsDoNoHarm) {
  DriverProcess driver(driver_arguments(3, 1, 4000));
  ASSERT_TRUE(wait_for_lines(journal(), 3));
  const std::string node = output_of("squeue -h -t R -o %N | head -1 | tr -d '\\n'");
  // Its daemon dies, its jobs do not: they commit after all, while others do the same work.
  cluster_->stop_node(node);
  output_of("scontrol update NodeName=" + node + " State=DOWN Reason=test");
  ASSERT_TRUE(becomes_true([] { return !output_of("squeue -h -t PD -o %A").empty(); }));
  output_of(
      "for job in $(squeue -h -t PD -o %A); do scontrol update JobId=$job StartTime=now; done");
  ASSERT_TRUE(wait_for_lines(journal(), 6));
  EXPECT_EQ(driver.wait(), 0);
  EXPECT_EQ(lines_of(journal()).size(), 6u);
  expect_empty_queue();
  EXPECT_EQ(run(nodes(3, 4000), options()).executed(), 0u);
  cluster_->start_node(node);
}

TEST_F(SlurmTest, ControllerThatRestartsCostsNoExecution) {
  DriverProcess driver(driver_arguments(8, 2, 500));
  ASSERT_TRUE(wait_for_lines(journal(), 4));
  cluster_->stop_controller();
  std::this_thread::sleep_for(std::chrono::seconds(2));
  cluster_->start_controller();
  EXPECT_EQ(driver.wait(), 0);
  expect_each_once(lines_of(journal()), 16);
}

TEST_F(SlurmTest, JobsOfAKilledDriverAreAdoptedByTheNext) {
  {
    DriverProcess driver(driver_arguments(40, 1, 1500));
    ASSERT_TRUE(wait_for_lines(journal(), 5));
    driver.signal(SIGKILL);
    driver.wait();
  }
  const std::size_t at_death = lines_of(journal()).size();
  EXPECT_LT(at_death, 40u);
  DriverProcess next(driver_arguments(40, 1, 1500));
  EXPECT_EQ(next.wait(), 0);
  expect_each_once(lines_of(journal()), 40);
  EXPECT_EQ(submissions(), 1u);
  EXPECT_TRUE(fs::is_empty(folder_ / "work" / "slurm"));
}

TEST_F(SlurmTest, InterruptedDriverLeavesNothingInTheQueue) {
  DriverProcess driver(driver_arguments(60, 1, 30000));
  ASSERT_TRUE(wait_for_lines(journal(), 3));
  driver.signal(SIGINT);
  EXPECT_EQ(driver.wait(), 130);
  expect_empty_queue();
}

}  // namespace
}  // namespace hypersynth::pipeline
