#include "pipeline/run/run.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

TEST(RunTest, ChainOfValuesRunsOnceAndIsThenCached) {
  const TemporaryFolder folder;
  Workflow workflow("sums");
  const auto first = workflow.add<Add>("first", {1, 2});
  const auto second = workflow.add<Add>("second", {0, 10});
  workflow.connect(first, &Add::Outputs::sum, second, &Add::Inputs::a);
  executions() = 0;
  const RunReport cold = run(workflow, options_for(folder));
  ASSERT_TRUE(cold.ok());
  EXPECT_EQ(cold.outputs<Add>("second")->sum, 13);
  EXPECT_EQ(executions(), 2);
  const RunReport warm = run(workflow, options_for(folder));
  EXPECT_TRUE(warm.ok());
  EXPECT_EQ(warm.executed(), 0u);
  EXPECT_EQ(warm.outputs<Add>("second")->sum, 13);
  EXPECT_EQ(executions(), 2);
}

TEST(RunTest, FilesCrossNodesAndAnEditedInputRerunsWhatDependsOnIt) {
  const TemporaryFolder folder;
  write_text(folder / "in.txt", "a");
  Workflow workflow("files");
  const auto first = workflow.add<Append>("first", {folder / "in.txt", "b"});
  const auto second = workflow.add<Append>("second", {{}, "c"});
  workflow.connect(first, &Append::Outputs::file, second, &Append::Inputs::file);
  const RunReport cold = run(workflow, options_for(folder / "work"));
  ASSERT_TRUE(cold.ok());
  EXPECT_EQ(read_text(cold.outputs<Append>("second")->file), "abc");
  write_text(folder / "in.txt", "x");
  const RunReport again = run(workflow, options_for(folder / "work"));
  EXPECT_EQ(again.executed(), 2u);
  EXPECT_EQ(read_text(again.outputs<Append>("second")->file), "xbc");
  ASSERT_EQ(again.find("first")->reasons.size(), 1u);
  EXPECT_NE(again.find("first")->reasons[0].find("the content of"), std::string::npos);
}

TEST(RunTest, FailedNodeSkipsItsDependentsAndNothingElse) {
  const TemporaryFolder folder;
  Workflow workflow("failing");
  const auto bad = workflow.add<MayFail>("bad", {1, true});
  const auto after = workflow.add<Add>("after");
  const auto later = workflow.add<Add>("later");
  workflow.add<Add>("independent", {1, 1});
  workflow.connect(bad, &MayFail::Outputs::value, after, &Add::Inputs::a);
  workflow.connect(after, &Add::Outputs::sum, later, &Add::Inputs::a);
  const RunReport report = run(workflow, options_for(folder));
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.find("bad")->state, NodeState::kFailed);
  EXPECT_EQ(report.find("bad")->message, "told to fail");
  EXPECT_EQ(report.find("after")->state, NodeState::kSkipped);
  EXPECT_EQ(report.find("later")->message, "'bad' failed");
  EXPECT_EQ(report.find("independent")->state, NodeState::kDone);
}

TEST(RunTest, MapRunsOncePerElementOfAListKnownOnlyAtRunTime) {
  const TemporaryFolder folder;
  Workflow workflow("mapped");
  const auto count = workflow.add<Count>("count", {4});
  const auto add = workflow.map<Add>("add", {0, 10});
  const auto total = workflow.add<Total>("total");
  workflow.connect(count, &Count::Outputs::numbers, add, &Add::Inputs::a);
  workflow.connect(add, &Add::Outputs::sum, total, &Total::Inputs::terms);
  const RunReport report = run(workflow, options_for(folder));
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report.outputs<Total>("total")->sum, 46);
  EXPECT_EQ(report.outputs<Add>("add[3]")->sum, 13);
}

TEST(RunTest, IteratedNodesMultiplyAndAGatherJoinsThem) {
  const TemporaryFolder folder;
  Workflow workflow("iterated");
  const auto first = workflow.add<Add>("first");
  const auto second = workflow.add<Add>("second");
  const auto total = workflow.add<Total>("total");
  workflow.iterate(first, each(&Add::Inputs::a, {1, 2}), each(&Add::Inputs::b, {10, 20}));
  workflow.connect(first, &Add::Outputs::sum, second, &Add::Inputs::a);
  workflow.iterate(second, each(&Add::Inputs::b, {100, 200, 300}));
  workflow.gather(second, &Add::Outputs::sum, total, &Total::Inputs::terms);
  const RunReport report = run(workflow, options_for(folder));
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report.nodes.size(), 2u + 6u + 1u);
  EXPECT_EQ(report.outputs<Add>("second[a=2][b=300]")->sum, 322);
  EXPECT_EQ(report.outputs<Total>("total")->sum, 3 * (11 + 22) + 2 * 600);
}

TEST(RunTest, StopOnFirstCrashStartsNothingMore) {
  const TemporaryFolder folder;
  Workflow workflow("stopping");
  workflow.add<MayFail>("bad", {1, true});
  for (int i = 0; i < 50; ++i) workflow.add<Add>("node" + std::to_string(i), {i, 1});
  RunOptions options = options_for(folder);
  options.limits.cpus = 1;
  const RunReport on = run(workflow, options);
  EXPECT_EQ(on.executed(), 50u);
  options = options_for(folder / "other");
  options.limits.cpus = 1;
  options.stop_on_first_crash = true;
  const RunReport stopped = run(workflow, options);
  EXPECT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.executed(), 0u);
  EXPECT_EQ(stopped.count(NodeState::kCancelled), 50u);
  EXPECT_EQ(stopped.find("node0")->message, "not started: a node failed");
}

/// Waits until it is told to stop.
struct WaitForStop {
  struct Inputs {
    int number = 0;
  };
  struct Outputs {
    int number = 0;
  };
  static constexpr std::tuple inputs{Port{"number", &Inputs::number}};
  static constexpr std::tuple outputs{Port{"number", &Outputs::number}};
  static constexpr std::string_view version = "1";
  std::stop_source stop;
  Outputs run(const Inputs&, NodeContext& context) const {
    std::stop_source(stop).request_stop();
    while (!context.stop_token().stop_requested())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    throw std::runtime_error("stopped half-way");
  }
};

TEST(RunTest, CancelledRunTellsItsThreadsAndStartsNothingMore) {
  const TemporaryFolder folder;
  const WaitForStop implementation;
  Workflow workflow("cancelled");
  const auto first = workflow.add_with(implementation, "first", {1});
  const auto next = workflow.add<Add>("next");
  workflow.connect(first, &WaitForStop::Outputs::number, next, &Add::Inputs::a);
  RunOptions options = options_for(folder);
  options.stop = implementation.stop.get_token();
  const RunReport report = run(workflow, options);
  EXPECT_TRUE(report.cancelled);
  EXPECT_EQ(report.count(NodeState::kCancelled), 2u);
  EXPECT_FALSE(fs::exists(folder / "crashes"));
}

TEST(RunTest, TenThousandNodesRunOnceAndAreThenCached) {
  const TemporaryFolder folder;
  Workflow workflow("many");
  std::optional<Node<Add>> last;
  for (int i = 0; i < 10'000; ++i) {
    const auto node = workflow.add<Add>("node" + std::to_string(i), {0, i});
    if (i % 100 != 0) workflow.connect(*last, &Add::Outputs::sum, node, &Add::Inputs::a);
    last = node;
  }
  RunOptions options = options_for(folder);
  options.sync = false;
  const RunReport cold = run(workflow, options);
  EXPECT_TRUE(cold.ok());
  EXPECT_EQ(cold.executed(), 10'000u);
  const RunReport warm = run(workflow, options);
  EXPECT_TRUE(warm.ok());
  EXPECT_EQ(warm.executed(), 0u);
  EXPECT_EQ(warm.outputs<Add>("node9999")->sum, (9'900 + 9'999) * 50);
}

TEST(PlanTest, NamesTheFieldThatChanged) {
  const TemporaryFolder folder;
  Workflow before("sums");
  before.add<Add>("node", {1, 2});
  ASSERT_TRUE(run(before, options_for(folder)).ok());
  Workflow after("sums");
  const auto node = after.add<Add>("node", {1, 3});
  const auto next = after.add<Add>("next");
  after.connect(node, &Add::Outputs::sum, next, &Add::Inputs::a);
  const Plan what = plan(after, options_for(folder));
  EXPECT_EQ(what.find("node")->action, Action::kRun);
  EXPECT_EQ(what.find("node")->reasons, std::vector<std::string>{"input 'b': 2 -> 3"});
  EXPECT_EQ(what.find("next")->action, Action::kMayRun);
}

}  // namespace
}  // namespace hypersynth::pipeline
