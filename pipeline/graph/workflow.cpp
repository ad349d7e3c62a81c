#include "pipeline/graph/workflow.h"

#include <algorithm>
#include <atomic>
#include <set>

namespace hypersynth::pipeline {
namespace {

std::size_t next_workflow_id() {
  static std::atomic<std::size_t> next{1};
  return next++;
}

/// "image": the name of a file, a text or number as it is.
std::string label(const Value& value) {
  if (const auto* path = std::get_if<fs::path>(&value.data())) return path->filename().string();
  return display(value, 40);
}

}  // namespace

Workflow::Workflow(std::string name) : id_(next_workflow_id()), name_(std::move(name)) {}

std::size_t Workflow::add_node(std::string node_name, std::shared_ptr<const AnyInterface> interface,
                               Values inputs, NodeOptions options) {
  if (node_name.empty()) throw WorkflowError("a node needs a name");
  NodeDefinition node;
  node.name = std::move(node_name);
  node.bound.assign(inputs.size(), false);
  node.interface = std::move(interface);
  node.inputs = std::move(inputs);
  node.options = options;
  nodes_.push_back(std::move(node));
  return nodes_.size() - 1;
}

std::size_t Workflow::map_node(std::string node_name, std::shared_ptr<const AnyInterface> interface,
                               Values inputs, NodeOptions options) {
  const std::size_t index =
      add_node(std::move(node_name), std::move(interface), std::move(inputs), options);
  nodes_[index].mapped = true;
  return index;
}

std::size_t Workflow::add_axis(std::string axis_name, const List& values) {
  AxisDefinition axis{std::move(axis_name), {}};
  std::set<std::string> seen;
  for (const auto& value : values) {
    std::string text = label(value);
    if (!seen.insert(text).second) text += '#' + std::to_string(axis.labels.size());
    axis.labels.push_back(std::move(text));
  }
  axes_.push_back(std::move(axis));
  return axes_.size() - 1;
}

std::optional<std::vector<std::size_t>> Workflow::axis_indices(
    const std::optional<std::vector<Axis>>& axes) const {
  if (!axes) return std::nullopt;
  std::vector<std::size_t> indices;
  for (const Axis& axis : *axes) indices.push_back(at(axis));
  return indices;
}

void Workflow::claim(std::size_t node, std::size_t port) {
  NodeDefinition& definition = nodes_[node];
  if (definition.bound[port]) {
    throw WorkflowError("input '" + definition.interface->inputs()[port].name + "' of node '" +
                        definition.name + "' is fed twice");
  }
  definition.bound[port] = true;
}

void Workflow::set_input(std::size_t node, std::size_t port, Value value) {
  claim(node, port);
  nodes_[node].inputs[port] = std::move(value);
}

void Workflow::set_elements(std::size_t node, std::size_t port, List values) {
  claim(node, port);
  nodes_[node].element_values.push_back({0, port, std::move(values)});
}

void Workflow::bind(std::size_t node, Connection connection) {
  const auto& others = nodes_[node].connections;
  const bool gathers = connection.kind == Connection::Kind::kGather;
  const bool appends = gathers && std::any_of(others.begin(), others.end(), [&](const auto& other) {
                         return other.kind == Connection::Kind::kGather &&
                                other.target_port == connection.target_port;
                       });
  if (!appends) claim(node, connection.target_port);
  nodes_[node].connections.push_back(std::move(connection));
}

void Workflow::bind_axis(std::size_t node, Axis axis, std::size_t port, const Value& values) {
  const std::size_t index = at(axis);
  const auto& list = values.as<List>();
  if (list.size() != axes_[index].labels.size()) {
    throw WorkflowError("input '" + nodes_[node].interface->inputs()[port].name + "' of node '" +
                        nodes_[node].name + "' has " + std::to_string(list.size()) +
                        " values along an axis of " + std::to_string(axes_[index].labels.size()));
  }
  claim(node, port);
  nodes_[node].axis_values.push_back({index, port, list});
  auto& own = nodes_[node].own_axes;
  if (std::find(own.begin(), own.end(), index) == own.end()) own.push_back(index);
}

Nested Workflow::nest(const std::string& nested_name, const Workflow& inner) {
  const Nested nested{inner.id_, id_, nodes_.size(), axes_.size()};
  axes_.insert(axes_.end(), inner.axes_.begin(), inner.axes_.end());
  for (NodeDefinition node : inner.nodes_) {
    node.name = nested_name + '.' + node.name;
    for (auto& axis : node.own_axes) axis += nested.axis_offset;
    for (auto& values : node.axis_values) values.axis += nested.axis_offset;
    for (auto& connection : node.connections) {
      connection.source += nested.node_offset;
      if (!connection.over) continue;
      for (auto& axis : *connection.over) axis += nested.axis_offset;
    }
    nodes_.push_back(std::move(node));
  }
  return nested;
}

}  // namespace hypersynth::pipeline
