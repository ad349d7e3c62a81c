// What a workflow can say, and what it refuses.

#include "pipeline/graph/workflow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

using ::testing::HasSubstr;

/// Joins what its sources gave, and why they gave nothing.
struct Collect {
  struct Inputs {
    std::optional<int> one;
    Outcome<int> other;
    std::vector<std::optional<int>> some;
    std::vector<Outcome<int>> all;
  };
  struct Outputs {
    std::string text;
  };
  static constexpr std::tuple inputs{Port{"one", &Inputs::one}, Port{"other", &Inputs::other},
                                     Port{"some", &Inputs::some}, Port{"all", &Inputs::all}};
  static constexpr std::tuple outputs{Port{"text", &Outputs::text}};
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs& in, NodeContext&) const {
    const auto say = [](const std::optional<int>& value) {
      return value ? std::to_string(*value) : std::string("-");
    };
    std::string text = say(in.one) + '|' + say(in.other.value) + in.other.error + '|';
    for (const auto& value : in.some) text += say(value);
    text += '|';
    for (const auto& outcome : in.all) text += say(outcome.value) + outcome.error;
    return {text};
  }
};

/// What is wrong with a workflow, in words.
template <class Build>
std::string complaint(const Build& build) {
  try {
    Workflow workflow("wrong");
    build(workflow);
    const Graph graph(workflow);
  } catch (const WorkflowError& error) {
    return error.what();
  }
  return "";
}

TEST(WorkflowTest, NodeThatToleratesFailuresRunsAndIsToldWhy) {
  const TemporaryFolder folder;
  Workflow workflow("tolerant");
  const auto good = workflow.add<MayFail>("good", {7, false});
  const auto bad = workflow.add<MayFail>("bad", {8, true});
  const auto node = workflow.add<Collect>("node");
  workflow.connect(bad, &MayFail::Outputs::value, node, &Collect::Inputs::one);
  workflow.connect(bad, &MayFail::Outputs::value, node, &Collect::Inputs::other);
  for (const auto& source : {good, bad}) {
    workflow.gather(source, &MayFail::Outputs::value, node, &Collect::Inputs::some);
    workflow.gather(source, &MayFail::Outputs::value, node, &Collect::Inputs::all);
  }
  const RunReport report = run(workflow, options_for(folder));
  ASSERT_EQ(report.find("node")->state, NodeState::kDone) << report.find("node")->message;
  EXPECT_EQ(report.outputs<Collect>("node")->text, "-|-told to fail|7-|7-told to fail");
}

TEST(WorkflowTest, PortsGivenTogetherChangeTogether) {
  const TemporaryFolder folder;
  Workflow workflow("synchronised");
  const auto node = workflow.add<Add>("node");
  const auto other = workflow.add<Add>("other");
  const auto total = workflow.add<Total>("total");
  const Axis axis =
      workflow.iterate(node, each(&Add::Inputs::a, {1, 2, 3}), each(&Add::Inputs::b, {10, 20, 30}));
  workflow.iterate(other, axis, each(&Add::Inputs::a, {100, 200, 300}));
  workflow.connect(node, &Add::Outputs::sum, other, &Add::Inputs::b);
  workflow.gather(other, &Add::Outputs::sum, total, &Total::Inputs::terms);
  const RunReport report = run(workflow, options_for(folder));
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report.nodes.size(), 7u);
  EXPECT_EQ(report.outputs<Add>("other[a=3]")->sum, 333);
  EXPECT_EQ(report.outputs<Total>("total")->sum, 666);
}

TEST(WorkflowTest, JoinOverOneOfTwoAxesKeepsTheOther) {
  const TemporaryFolder folder;
  Workflow workflow("join");
  const auto node = workflow.add<Add>("node");
  const auto total = workflow.add<Total>("total");
  workflow.iterate(node, each(&Add::Inputs::a, {1, 2}));
  const Axis inner = workflow.iterate(node, each(&Add::Inputs::b, {10, 20, 30}));
  workflow.gather(node, &Add::Outputs::sum, total, &Total::Inputs::terms, std::vector<Axis>{inner});
  const RunReport report = run(workflow, options_for(folder));
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report.nodes.size(), 6u + 2u);
  EXPECT_EQ(report.outputs<Total>("total[a=1]")->sum, 63);
  EXPECT_EQ(report.outputs<Total>("total[a=2]")->sum, 66);
}

TEST(WorkflowTest, MappedNodesFollowEachOtherElementByElement) {
  const TemporaryFolder folder;
  Workflow workflow("maps");
  const auto first = workflow.map<Add>("first", {0, 1});
  const auto second = workflow.map<Add>("second", {0, 10});
  const auto total = workflow.add<Total>("total");
  workflow.set_each(first, &Add::Inputs::a, {1, 2, 3});
  workflow.connect(first, &Add::Outputs::sum, second, &Add::Inputs::a);
  workflow.connect(second, &Add::Outputs::sum, total, &Total::Inputs::terms);
  const RunReport report = run(workflow, options_for(folder));
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report.outputs<Add>("second[2]")->sum, 14);
  EXPECT_EQ(report.outputs<Total>("total")->sum, 39);
}

TEST(WorkflowTest, FailedElementSkipsWhatNeedsTheListAndTheOthersGoOn) {
  const TemporaryFolder folder;
  Workflow workflow("maps");
  const auto mapped = workflow.map<MayFail>("each");
  const auto total = workflow.add<Total>("total");
  workflow.set_each(mapped, &MayFail::Inputs::value, {1, 2, 3});
  workflow.set_each(mapped, &MayFail::Inputs::fails, {false, true, false});
  workflow.connect(mapped, &MayFail::Outputs::value, total, &Total::Inputs::terms);
  const RunReport report = run(workflow, options_for(folder));
  EXPECT_EQ(report.count(NodeState::kDone), 2u);
  EXPECT_EQ(report.find("each[1]")->state, NodeState::kFailed);
  EXPECT_EQ(report.find("total")->state, NodeState::kSkipped);
  EXPECT_EQ(report.find("total")->message, "'each[1]' failed");
}

TEST(WorkflowTest, ListsOfDifferentLengthsFailTheMappedNodeAlone) {
  const TemporaryFolder folder;
  Workflow workflow("maps");
  const auto mapped = workflow.map<Add>("each");
  workflow.set_each(mapped, &Add::Inputs::a, {1, 2, 3});
  workflow.set_each(mapped, &Add::Inputs::b, {1, 2});
  workflow.add<Add>("other", {1, 2});
  const RunReport report = run(workflow, options_for(folder));
  EXPECT_THAT(report.find("each")->message, HasSubstr("have 3 and 2 elements"));
  EXPECT_EQ(report.find("other")->state, NodeState::kDone);
}

TEST(WorkflowTest, NestedWorkflowsKeepTheirAxesApart) {
  const TemporaryFolder folder;
  Workflow inner("inner");
  const auto node = inner.add<Add>("node", {0, 5});
  inner.iterate(node, each(&Add::Inputs::a, {1, 2}));
  Workflow outer("outer");
  const auto total = outer.add<Total>("total");
  for (const char* name : {"x", "y"}) {
    const auto nested = outer.nest(name, inner);
    outer.gather(nested(node), &Add::Outputs::sum, total, &Total::Inputs::terms);
  }
  const RunReport report = run(outer, options_for(folder));
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report.nodes.size(), 5u);
  EXPECT_EQ(report.outputs<Add>("y.node[a=2]")->sum, 7);
  EXPECT_EQ(report.outputs<Total>("total")->sum, 26);
}

TEST(WorkflowErrorTest, CycleIsNamed) {
  EXPECT_EQ(complaint([](Workflow& workflow) {
              const auto a = workflow.add<Add>("a");
              const auto b = workflow.add<Add>("b");
              workflow.connect(a, &Add::Outputs::sum, b, &Add::Inputs::a);
              workflow.connect(b, &Add::Outputs::sum, a, &Add::Inputs::a);
            }),
            "workflow 'wrong' has a cycle: a -> b -> a");
}

TEST(WorkflowErrorTest, PortFedTwiceIsNamed) {
  EXPECT_EQ(complaint([](Workflow& workflow) {
              const auto a = workflow.add<Add>("a");
              const auto b = workflow.add<Add>("b");
              workflow.connect(a, &Add::Outputs::sum, b, &Add::Inputs::a);
              workflow.set(b, &Add::Inputs::a, 3);
            }),
            "input 'a' of node 'b' is fed twice");
}

TEST(WorkflowErrorTest, PathThatNothingSetsIsNamed) {
  EXPECT_EQ(complaint([](Workflow& workflow) { workflow.add<Append>("node"); }),
            "input 'file' of node 'node' is not set");
}

TEST(WorkflowErrorTest, TwoNodesOfOneNameAreRefused) {
  EXPECT_EQ(complaint([](Workflow& workflow) {
              workflow.add<Add>("same");
              workflow.add<Add>("same");
            }),
            "two nodes are called 'same'");
}

TEST(WorkflowErrorTest, ValuesAlongAnAxisHaveItsLength) {
  EXPECT_EQ(complaint([](Workflow& workflow) {
              const auto node = workflow.add<Add>("node");
              const Axis axis = workflow.iterate(node, each(&Add::Inputs::a, {1, 2}));
              workflow.iterate(node, axis, each(&Add::Inputs::b, {1, 2, 3}));
            }),
            "input 'b' of node 'node' has 3 values along an axis of 2");
}

TEST(WorkflowErrorTest, HandleOfAnotherWorkflowIsRefused) {
  EXPECT_EQ(complaint([](Workflow& workflow) {
              Workflow other("other");
              workflow.set(other.add<Add>("node"), &Add::Inputs::a, 1);
            }),
            "a handle of another workflow was used");
}

}  // namespace
}  // namespace hypersynth::pipeline
