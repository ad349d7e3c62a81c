#include <algorithm>
#include <map>
#include <unordered_map>

#include "pipeline/export/graph_export.h"

namespace hypersynth::pipeline {
namespace {

std::string without_namespaces(const std::string& id) {
  const std::size_t end = id.find('<');
  const std::size_t colons = id.rfind("::", end);
  return colons == std::string::npos ? id : id.substr(colons + 2);
}

/// Cuts "a.b.c[x=1.5]" into the groups a and b and the label "c[x=1.5]".
void set_label(GraphView::Node& node, const std::string& definition) {
  std::size_t start = 0;
  for (std::size_t dot = definition.find('.');
       dot != std::string::npos && dot + 1 < definition.size(); dot = definition.find('.', start)) {
    if (dot > start) node.groups.push_back(definition.substr(start, dot - start));
    start = dot + 1;
  }
  node.label = node.name.substr(start);
}

DrawnState drawn(const PlannedNode& node) {
  switch (node.action) {
    case Action::kRun:
      return DrawnState::kWillRun;
    case Action::kCached:
      return DrawnState::kCached;
    case Action::kMayRun:
      return DrawnState::kMayRun;
  }
  return DrawnState::kPlain;
}

DrawnState drawn(const NodeReport& node) {
  switch (node.state) {
    case NodeState::kWaiting:
    case NodeState::kQueued:
      return DrawnState::kWaiting;
    case NodeState::kRunning:
      return DrawnState::kRunning;
    case NodeState::kDone:
      return node.cached ? DrawnState::kCached : DrawnState::kDone;
    case NodeState::kFailed:
      return DrawnState::kFailed;
    case NodeState::kSkipped:
      return DrawnState::kSkipped;
    case NodeState::kCancelled:
      return DrawnState::kCancelled;
  }
  return DrawnState::kPlain;
}

std::string joined_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

std::string detail(const PlannedNode& node) { return joined_lines(node.reasons); }

std::string detail(const NodeReport& node) {
  return node.message.empty() ? joined_lines(node.reasons) : node.message;
}

std::string element_note(const std::map<DrawnState, std::size_t>& counts) {
  std::size_t total = 0;
  std::string text;
  for (const auto& [state, count] : counts) {
    total += count;
    text += (text.empty() ? ": " : ", ") + std::to_string(count) + ' ' + to_string(state);
  }
  return std::to_string(total) + (total == 1 ? " element" : " elements") + text;
}

/// Puts the states of planned or reported nodes into a view.
template <class Nodes>
void set_states(GraphView& view, const Nodes& nodes) {
  std::unordered_map<std::string, std::size_t> by_name;
  for (std::size_t i = 0; i < view.nodes.size(); ++i) by_name[view.nodes[i].name] = i;
  std::map<std::size_t, std::map<DrawnState, std::size_t>> elements;
  for (const auto& node : nodes) {
    const DrawnState state = drawn(node);
    const auto found = by_name.find(node.node);
    const auto owner = by_name.find(mapped_name(node.node));
    if (found != by_name.end()) {
      view.nodes[found->second].state = state;
      view.nodes[found->second].detail = detail(node);
    } else if (owner != by_name.end()) {
      GraphView::Node& mapped = view.nodes[owner->second];
      ++elements[owner->second][state];
      const bool first = mapped.state == DrawnState::kPlain;
      if (first || state > mapped.state) mapped.detail = detail(node);
      mapped.state = first ? state : std::max(mapped.state, state);
    }
  }
  for (const auto& [index, counts] : elements) view.nodes[index].note = element_note(counts);
  for (auto& node : view.nodes) {
    if (node.mapped && node.state == DrawnState::kPlain) node.note = "no elements";
  }
}

GraphView view_of(const Graph& graph) {
  GraphView view;
  view.name = graph.name();
  std::vector<std::size_t> position(graph.size());
  for (const NodeId id : graph.order()) {
    const NodeDefinition& definition = *graph[id].definition;
    position[id] = view.nodes.size();
    GraphView::Node node;
    node.name = graph[id].name;
    node.interface = without_namespaces(definition.interface->id());
    node.version = definition.interface->version();
    node.mapped = graph[id].mapped;
    set_label(node, definition.name);
    view.nodes.push_back(std::move(node));
  }
  for (const NodeId id : graph.order()) {
    std::map<std::size_t, std::string> ports;
    for (const auto& input : graph[id].inputs) {
      for (const Source& source : input.sources) {
        std::string& text = ports[position[source.node]];
        if (!text.empty()) text += '\n';
        text += graph[source.node].definition->interface->outputs()[source.port].name + " to " +
                graph[id].definition->interface->inputs()[input.port].name;
      }
    }
    for (auto& [from, text] : ports) view.edges.push_back({from, position[id], std::move(text)});
  }
  return view;
}

}  // namespace

std::string to_string(DrawnState state) {
  switch (state) {
    case DrawnState::kCached:
      return "cached";
    case DrawnState::kDone:
      return "done";
    case DrawnState::kPlain:
      return "";
    case DrawnState::kWillRun:
      return "will run";
    case DrawnState::kMayRun:
      return "may run";
    case DrawnState::kWaiting:
      return "waiting";
    case DrawnState::kRunning:
      return "running";
    case DrawnState::kSkipped:
      return "skipped";
    case DrawnState::kCancelled:
      return "cancelled";
    case DrawnState::kFailed:
      return "failed";
  }
  return "";
}

std::vector<std::pair<DrawnState, std::size_t>> GraphView::counts() const {
  std::map<DrawnState, std::size_t> counts;
  for (const auto& node : nodes) ++counts[node.state];
  counts.erase(DrawnState::kPlain);
  return {counts.begin(), counts.end()};
}

GraphView view_of(const Workflow& workflow) { return view_of(Graph(workflow)); }

GraphView view_of(const Workflow& workflow, const Plan& plan) {
  GraphView view = view_of(workflow);
  set_states(view, plan.nodes);
  return view;
}

GraphView view_of(const Workflow& workflow, const RunReport& report) {
  GraphView view = view_of(workflow);
  set_states(view, report.nodes);
  return view;
}

}  // namespace hypersynth::pipeline
