#include "pipeline/cache/plan.h"

#include <algorithm>
#include <system_error>
#include <unordered_map>

#include "pipeline/cache/node_states.h"

namespace hypersynth::pipeline {
namespace {

/// Walks the graph in order, as a run would if nothing had to be computed.
class Planner {
 public:
  Planner(Graph graph, const History& history, const FileSystem& file_system, bool verify)
      : graph_(std::move(graph)),
        history_(history),
        memo_(file_system),
        assessor_(history, memo_, file_system, verify),
        states_(graph_.size()) {
    for (const auto& version : history.file_versions) memo_.remember(version);
  }

  Plan run() {
    for (const NodeId id : graph_.order()) visit(id);
    for (auto id = visited_.rbegin(); id != visited_.rend(); ++id) revive_collected(*id);
    Plan plan;
    for (const NodeId id : visited_) {
      if (!graph_[id].mapped || !states_[id].expanded) plan.nodes.push_back(planned_[id]);
    }
    return plan;
  }

 private:
  PlannedNode& planned(NodeId id) {
    PlannedNode& node = planned_[id];
    node.node = graph_[id].name;
    return node;
  }

  void visit(NodeId id) {
    visited_.push_back(id);
    PlannedNode& node = planned(id);
    for (const NodeId dependency : graph_[id].dependencies) {
      if (states_[dependency].state == NodeState::kDone) continue;
      node.action = Action::kMayRun;
      node.reasons.push_back("waits for '" + graph_[dependency].name + "'");
      return;
    }
    if (graph_[id].mapped) {
      visit_elements(id);
    } else {
      visit_task(id, node);
    }
  }

  void visit_elements(NodeId id) {
    const Resolver resolver(graph_, states_);
    const auto elements = graph_.expand(id, resolver.lists(id));
    states_.resize(graph_.size());
    states_[id].elements = elements;
    states_[id].expanded = true;
    visited_.pop_back();
    for (const NodeId element : elements) visit(element);
    visited_.push_back(id);
    const bool done = std::all_of(elements.begin(), elements.end(), [&](NodeId element) {
      return states_[element].state == NodeState::kDone;
    });
    planned_[id].action = done ? Action::kCached : Action::kMayRun;
    if (done) states_[id].state = NodeState::kDone;
  }

  void visit_task(NodeId id, PlannedNode& node) {
    const Values inputs = Resolver(graph_, states_).inputs(id);
    try {
      const CacheKey key = cache_key(graph_[id].definition->name, *graph_[id].definition->interface,
                                     inputs, [this](const fs::path& path) { return digest(path); });
      Assessment assessment = assessor_.assess(node.node, key);
      node.reasons = std::move(assessment.reasons);
      if (!assessment.result) return;
      node.action = Action::kCached;
      states_[id].state = NodeState::kDone;
      states_[id].result = assessment.result;
      states_[id].collected = assessment.result->collected;
      for (const auto& file : assessment.result->files)
        produced_[file.path.native()] = file.version.digest;
    } catch (const std::system_error& error) {
      node.reasons.push_back(std::string("an input cannot be read: ") + error.what());
    }
  }

  Digest digest(const fs::path& path) {
    const auto found = produced_.find(path.native());
    return found != produced_.end() ? found->second : memo_.find(path).digest;
  }

  /// A node whose files were removed runs again when one that needs them does.
  void revive_collected(NodeId id) {
    if (!states_[id].collected) return;
    for (const NodeId dependent : graph_[id].dependents) {
      const PlannedNode& needs = planned_[dependent];
      if (needs.action == Action::kCached || planned_[id].action == Action::kRun) continue;
      planned_[id].action = needs.action;
      planned_[id].reasons = {"its files were removed and '" + needs.node + "' needs them"};
    }
  }

  Graph graph_;
  const History& history_;
  DigestMemo memo_;
  Assessor assessor_;
  std::vector<NodeStatus> states_;
  std::vector<NodeId> visited_;
  std::unordered_map<NodeId, PlannedNode> planned_;
  std::unordered_map<std::string, Digest> produced_;
};

}  // namespace

std::string to_string(Action action) {
  switch (action) {
    case Action::kRun:
      return "run";
    case Action::kCached:
      return "cached";
    case Action::kMayRun:
      return "may run";
  }
  return "";
}

const PlannedNode* Plan::find(const std::string& node) const {
  for (const auto& planned : nodes) {
    if (planned.node == node) return &planned;
  }
  return nullptr;
}

std::size_t Plan::count(Action action) const {
  return static_cast<std::size_t>(std::count_if(
      nodes.begin(), nodes.end(), [&](const auto& node) { return node.action == action; }));
}

Plan make_plan(const Graph& graph, const History& history, const FileSystem& file_system,
               bool verify) {
  return Planner(graph, history, file_system, verify).run();
}

}  // namespace hypersynth::pipeline
