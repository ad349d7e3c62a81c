// Random graphs: their order, their cycles, and what becomes of all nodes when some fail.

#include <map>
#include <rapidcheck.h>
#include <set>

#include <gtest/gtest.h>

// Needs rapidcheck.h first.
#include <rapidcheck/gtest.h>

#include "pipeline/graph/graph.h"
#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

/// Adds its terms and 1, or fails.
struct Sum {
  struct Inputs {
    std::vector<int> terms;
    bool fails = false;
  };
  struct Outputs {
    int sum = 0;
  };
  static constexpr std::tuple inputs{Port{"terms", &Inputs::terms}, Port{"fails", &Inputs::fails}};
  static constexpr std::tuple outputs{Port{"sum", &Outputs::sum}};
  static constexpr std::string_view version = "1";
  Outputs run(const Inputs& in, NodeContext&) const {
    if (in.fails) throw std::runtime_error("told to fail");
    int sum = 1;
    for (const int term : in.terms) sum += term % 1000;
    return {sum};
  }
};

struct RandomGraph {
  std::size_t size = 0;
  std::set<std::pair<std::size_t, std::size_t>> edges;  ///< from a lower to a higher number
  std::vector<std::size_t> added;                       ///< in which order the nodes are added
  std::set<std::size_t> failing;
};

RandomGraph random_graph(std::size_t smallest = 1) {
  RandomGraph graph;
  graph.size = *rc::gen::inRange<std::size_t>(smallest, 20);
  const auto number = rc::gen::inRange<std::size_t>(0, graph.size);
  for (std::size_t i = *rc::gen::inRange<std::size_t>(0, 3 * graph.size); i > 0; --i) {
    const std::size_t a = *number;
    const std::size_t b = *number;
    if (a != b) graph.edges.emplace(std::min(a, b), std::max(a, b));
  }
  for (std::size_t i = 0; i < graph.size; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, i + 1);
    graph.added.insert(graph.added.begin() + static_cast<std::ptrdiff_t>(at), i);
  }
  return graph;
}

std::string name(std::size_t number) { return "n" + std::to_string(number); }

Workflow workflow_of(const RandomGraph& graph) {
  Workflow workflow("random");
  std::map<std::size_t, Node<Sum>> nodes;
  for (const std::size_t number : graph.added)
    nodes[number] = workflow.add<Sum>(name(number), {{}, graph.failing.count(number) == 1});
  for (const auto& [from, to] : graph.edges)
    workflow.gather(nodes[from], &Sum::Outputs::sum, nodes[to], &Sum::Inputs::terms);
  return workflow;
}

RC_GTEST_PROP(GraphProperty, OrderHoldsEveryNodeOnceAndAfterAllItDependsOn, ()) {
  const RandomGraph random = random_graph();
  const Graph graph(workflow_of(random));
  std::map<std::string, std::size_t> position;
  for (const NodeId id : graph.order())
    RC_ASSERT(position.emplace(graph[id].name, position.size()).second);
  RC_ASSERT(position.size() == random.size);
  for (const auto& [from, to] : random.edges)
    RC_ASSERT(position.at(name(from)) < position.at(name(to)));
  for (const auto& node : graph.nodes()) {
    for (const NodeId dependency : node.dependencies)
      RC_ASSERT(graph[dependency].height > node.height);
  }
}

RC_GTEST_PROP(GraphProperty, CycleIsFoundAndEveryStepOfItIsAnEdge, ()) {
  RandomGraph random = random_graph(2);
  random.edges.emplace(0, 1);
  const auto edges = random.edges;
  const auto [from, to] = *rc::gen::elementOf(edges);
  random.edges.emplace(to, from);
  std::string message;
  try {
    const Graph graph(workflow_of(random));
  } catch (const WorkflowError& error) {
    message = error.what();
  }
  const std::string start = "has a cycle: ";
  RC_ASSERT(message.find(start) != std::string::npos);
  std::vector<std::size_t> cycle;
  std::istringstream words(message.substr(message.find(start) + start.size()));
  for (std::string word; words >> word;) {
    if (word != "->") cycle.push_back(std::stoul(word.substr(1)));
  }
  RC_ASSERT(cycle.size() >= 3u);
  RC_ASSERT(cycle.front() == cycle.back());
  for (std::size_t i = 0; i + 1 < cycle.size(); ++i)
    RC_ASSERT(random.edges.count({cycle[i], cycle[i + 1]}) == 1u);
}

RC_GTEST_PROP(RunProperty, EveryNodeGivesItsValueFailsOrIsSkippedBecauseOfAFailure, ()) {
  RandomGraph random = random_graph();
  for (std::size_t i = 0; i < random.size; ++i) {
    if (*rc::gen::inRange(0, 6) == 0) random.failing.insert(i);
  }
  const TemporaryFolder folder;
  RunOptions options = options_for(folder);
  options.sync = false;
  const RunReport report = run(workflow_of(random), options);
  std::vector<std::optional<int>> expected(random.size);
  for (std::size_t i = 0; i < random.size; ++i) {
    int sum = 1;
    bool blocked = false;
    for (const auto& [from, to] : random.edges) {
      if (to != i) continue;
      blocked = blocked || !expected[from];
      sum += expected[from].value_or(0) % 1000;
    }
    const NodeReport& node = *report.find(name(i));
    if (blocked) {
      RC_ASSERT(node.state == NodeState::kSkipped);
    } else if (random.failing.count(i) == 1) {
      RC_ASSERT(node.state == NodeState::kFailed);
    } else {
      RC_ASSERT(node.state == NodeState::kDone);
      RC_ASSERT(report.outputs<Sum>(name(i))->sum == sum);
      expected[i] = sum;
    }
  }
}

}  // namespace
}  // namespace hypersynth::pipeline
