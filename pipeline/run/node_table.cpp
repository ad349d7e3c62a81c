#include "pipeline/run/node_table.h"

#include <utility>

namespace hypersynth::pipeline {
namespace {

Event::Kind event_of(NodeState state, bool cached) {
  switch (state) {
    case NodeState::kDone:
      return cached ? Event::Kind::kNodeCached : Event::Kind::kNodeDone;
    case NodeState::kSkipped:
      return Event::Kind::kNodeSkipped;
    case NodeState::kCancelled:
      return Event::Kind::kNodeCancelled;
    default:
      return Event::Kind::kNodeFailed;
  }
}

}  // namespace

NodeTable::NodeTable(Graph graph, Reporter& reporter)
    : graph_(std::move(graph)),
      reporter_(reporter),
      states_(graph_.size()),
      reports_(graph_.size()) {}

void NodeTable::begin() {
  reporter_.progress().total = graph_.size();
  for (const NodeId id : graph_.order()) {
    states_[id].pending = static_cast<std::uint32_t>(graph_[id].dependencies.size());
    if (states_[id].pending == 0) ready_.push_back(id);
  }
}

std::optional<NodeId> NodeTable::take_ready() {
  if (ready_.empty()) return std::nullopt;
  const NodeId id = ready_.front();
  ready_.pop_front();
  return id;
}

void NodeTable::expand(NodeId mapped) {
  const auto elements = graph_.expand(mapped, resolver().lists(mapped));
  states_.resize(graph_.size());
  reports_.resize(graph_.size());
  reporter_.progress().total += elements.size();
  states_[mapped].elements = elements;
  states_[mapped].expanded = true;
  states_[mapped].pending = static_cast<std::uint32_t>(elements.size());
  ready_.insert(ready_.end(), elements.begin(), elements.end());
  if (elements.empty()) ready_.push_back(mapped);
}

void NodeTable::settle(NodeId id, NodeState state, const Failure* failure) {
  NodeStatus& status = states_[id];
  status.state = state;
  Progress& progress = reporter_.progress();
  if (state == NodeState::kDone) {
    ++progress.done;
    if (status.cached) ++progress.cached;
  } else {
    ++progress.failed;
  }
  if (!graph_[id].mapped || state != NodeState::kDone) {
    reporter_.tell(event_of(state, status.cached), graph_[id].name, status.error,
                   status.result ? &status.result->usage : nullptr, failure);
  }
  if (status.reviving) return;  // those that depend on it went on when it ended the first time
  for (const NodeId dependent : graph_[id].dependents) {
    if (--states_[dependent].pending == 0) ready_.push_back(dependent);
  }
}

void NodeTable::cancel_rest(const std::string& reason) {
  for (NodeStatus& status : states_) {
    if (is_settled(status.state)) continue;
    status.error = "not started: " + reason;
    status.state = NodeState::kCancelled;
  }
}

std::vector<NodeReport> NodeTable::take_reports() {
  std::vector<NodeReport> reports;
  for (NodeId id = 0; id < graph_.size(); ++id) {
    const NodeStatus& status = states_[id];
    if (graph_[id].mapped && status.expanded && status.state != NodeState::kFailed) continue;
    NodeReport& report = reports_[id];
    report.node = graph_[id].name;
    report.interface = graph_[id].definition->interface->id();
    report.state = status.state;
    report.cached = status.cached;
    report.message = status.error;
    report.result = status.result;
    if (status.result) report.usage = status.result->usage;
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace hypersynth::pipeline
