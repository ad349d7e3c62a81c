#include "pipeline/cache/node_states.h"

#include <algorithm>

namespace hypersynth::pipeline {

std::string to_string(NodeState state) {
  switch (state) {
    case NodeState::kWaiting:
      return "waiting";
    case NodeState::kQueued:
      return "queued";
    case NodeState::kRunning:
      return "running";
    case NodeState::kDone:
      return "done";
    case NodeState::kFailed:
      return "failed";
    case NodeState::kSkipped:
      return "skipped";
    case NodeState::kCancelled:
      return "cancelled";
  }
  return "";
}

std::optional<NodeId> Resolver::blocker(NodeId id) const {
  for (const auto& input : graph_[id].inputs) {
    for (const Source& source : input.sources) {
      if (source.tolerance != Tolerance::kNone) continue;
      if (states_[source.node].state != NodeState::kDone) return source.node;
      for (const NodeId element : states_[source.node].elements) {
        if (states_[element].state != NodeState::kDone) return element;
      }
    }
  }
  return std::nullopt;
}

Value Resolver::value(NodeId id, std::uint32_t port, Tolerance tolerance) const {
  const NodeStatus& status = states_[id];
  const bool done = status.state == NodeState::kDone;
  Value found = done ? status.result->outputs.at(port) : Value();
  if (tolerance != Tolerance::kOutcome) return found;
  return Value(List{std::move(found), Value(done ? std::string() : status.error)});
}

Value Resolver::value(const Source& source) const {
  if (!graph_[source.node].mapped) return value(source.node, source.port, source.tolerance);
  List list;
  for (const NodeId element : states_[source.node].elements)
    list.push_back(value(element, source.port, source.tolerance));
  return Value(std::move(list));
}

Values Resolver::inputs(NodeId id) const {
  const GraphNode& node = graph_[id];
  Values inputs = node.definition->inputs;
  for (const auto& input : node.inputs) {
    Value& target = inputs.at(input.port);
    if (input.kind == Input::Kind::kConstant) {
      target = input.constant;
    } else if (input.kind == Input::Kind::kPlain) {
      target = value(input.sources.front());
    } else if (input.kind == Input::Kind::kGather) {
      List list;
      for (const Source& source : input.sources) list.push_back(value(source));
      target = Value(std::move(list));
    }
  }
  return inputs;
}

std::vector<PortList> Resolver::lists(NodeId id) const {
  std::vector<PortList> lists;
  for (const auto& input : graph_[id].inputs) {
    if (input.kind == Input::Kind::kEachConstant) {
      lists.push_back({0, input.port, input.constant.as<List>()});
    } else if (input.kind == Input::Kind::kEach) {
      lists.push_back({0, input.port, value(input.sources.front()).as<List>()});
    }
  }
  return lists;
}

}  // namespace hypersynth::pipeline
