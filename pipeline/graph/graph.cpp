#include "pipeline/graph/graph.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

namespace hypersynth::pipeline {
namespace {

using Axes = std::vector<std::size_t>;  // sorted

void insert_sorted(Axes& axes, std::size_t axis) {
  const auto at = std::lower_bound(axes.begin(), axes.end(), axis);
  if (at == axes.end() || *at != axis) axes.insert(at, axis);
}

bool contains(const Axes& axes, std::size_t axis) {
  return std::binary_search(axes.begin(), axes.end(), axis);
}

/// "a -> b -> a": a cycle among the nodes that no topological order could take.
std::string name_cycle(const Workflow& workflow, const std::vector<std::size_t>& pending) {
  const auto& nodes = workflow.nodes();
  std::size_t at = 0;
  while (pending[at] == 0) ++at;
  std::vector<std::size_t> path;
  std::vector<bool> seen(nodes.size(), false);
  while (!seen[at]) {
    seen[at] = true;
    path.push_back(at);
    for (const auto& connection : nodes[at].connections) {
      if (pending[connection.source] > 0) {
        at = connection.source;
        break;
      }
    }
  }
  std::string text = nodes[at].name;
  for (auto it = path.rbegin(); it != path.rend(); ++it) {
    text += " -> " + nodes[*it].name;
    if (*it == at) break;
  }
  return text;
}

std::vector<std::size_t> topological_order(const Workflow& workflow) {
  const auto& nodes = workflow.nodes();
  std::vector<std::size_t> pending(nodes.size(), 0);
  std::vector<std::vector<std::size_t>> dependents(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    pending[i] = nodes[i].connections.size();
    for (const auto& connection : nodes[i].connections) dependents[connection.source].push_back(i);
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (pending[i] == 0) order.push_back(i);
  }
  for (std::size_t done = 0; done < order.size(); ++done) {
    for (const std::size_t next : dependents[order[done]]) {
      if (--pending[next] == 0) order.push_back(next);
    }
  }
  if (order.size() != nodes.size()) {
    throw WorkflowError("workflow '" + workflow.name() +
                        "' has a cycle: " + name_cycle(workflow, pending));
  }
  return order;
}

void check_names(const Workflow& workflow) {
  std::unordered_set<std::string> names;
  for (const auto& node : workflow.nodes()) {
    if (!names.insert(node.name).second)
      throw WorkflowError("two nodes are called '" + node.name + "'");
  }
}

void check_required(const NodeDefinition& node) {
  for (std::size_t port = 0; port < node.inputs.size(); ++port) {
    const auto* path = std::get_if<fs::path>(&node.inputs[port].data());
    const PortInfo& info = node.interface->inputs()[port];
    if (info.required && !node.bound[port] && path != nullptr && path->empty())
      throw WorkflowError("input '" + info.name + "' of node '" + node.name + "' is not set");
  }
}

/// Multiplies the axes out.
class Expansion {
 public:
  explicit Expansion(const Workflow& workflow) : workflow_(workflow) {}

  std::vector<GraphNode> run(std::vector<NodeId>& order) {
    const auto definitions = topological_order(workflow_);
    axes_.resize(workflow_.nodes().size());
    first_.resize(workflow_.nodes().size());
    for (const std::size_t index : definitions) find_axes(index);
    NodeId next = 0;
    for (std::size_t i = 0; i < first_.size(); ++i) {
      first_[i] = next;
      next += static_cast<NodeId>(instances(axes_[i]));
    }
    nodes_.resize(next);
    for (const std::size_t index : definitions) add_instances(index, order);
    return std::move(nodes_);
  }

 private:
  std::size_t length(std::size_t axis) const { return workflow_.axes()[axis].labels.size(); }

  std::size_t instances(const Axes& axes) const {
    return std::accumulate(axes.begin(), axes.end(), std::size_t{1},
                           [&](std::size_t n, std::size_t axis) { return n * length(axis); });
  }

  void find_axes(std::size_t index) {
    const NodeDefinition& node = workflow_.nodes()[index];
    Axes& axes = axes_[index];
    for (const std::size_t axis : node.own_axes) insert_sorted(axes, axis);
    for (const auto& connection : node.connections) {
      const bool gather = connection.kind == Connection::Kind::kGather;
      if (gather && !connection.over) continue;
      for (const std::size_t axis : axes_[connection.source]) {
        const bool joined =
            gather && std::count(connection.over->begin(), connection.over->end(), axis) > 0;
        if (!joined) insert_sorted(axes, axis);
      }
    }
  }

  /// The position along every axis (0 where the node has it not) of an instance.
  std::vector<std::size_t> position(const Axes& axes, std::size_t instance) const {
    std::vector<std::size_t> at(workflow_.axes().size(), 0);
    for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
      at[*axis] = instance % length(*axis);
      instance /= length(*axis);
    }
    return at;
  }

  NodeId instance_at(std::size_t index, const std::vector<std::size_t>& at) const {
    std::size_t instance = 0;
    for (const std::size_t axis : axes_[index]) instance = instance * length(axis) + at[axis];
    return first_[index] + static_cast<NodeId>(instance);
  }

  std::string instance_name(std::size_t index, const std::vector<std::size_t>& at) const {
    std::string text = workflow_.nodes()[index].name;
    for (const std::size_t axis : axes_[index]) {
      const AxisDefinition& definition = workflow_.axes()[axis];
      text += '[' + definition.name + '=' + definition.labels[at[axis]] + ']';
    }
    return text;
  }

  /// All instances of a gather's source that this instance joins, in the order of the axes.
  std::vector<NodeId> joined(std::size_t source, const Axes& own,
                             const std::vector<std::size_t>& at) const {
    std::vector<NodeId> found;
    const std::size_t count = instances(axes_[source]);
    for (std::size_t instance = 0; instance < count; ++instance) {
      const auto other = position(axes_[source], instance);
      const bool matches = std::all_of(
          axes_[source].begin(), axes_[source].end(),
          [&](std::size_t axis) { return !contains(own, axis) || other[axis] == at[axis]; });
      if (matches) found.push_back(first_[source] + static_cast<NodeId>(instance));
    }
    return found;
  }

  void add_instances(std::size_t index, std::vector<NodeId>& order) {
    const auto definition = std::make_shared<const NodeDefinition>(workflow_.nodes()[index]);
    check_required(*definition);
    const std::size_t count = instances(axes_[index]);
    for (std::size_t instance = 0; instance < count; ++instance) {
      const auto at = position(axes_[index], instance);
      const NodeId id = first_[index] + static_cast<NodeId>(instance);
      GraphNode& node = nodes_[id];
      node.name = instance_name(index, at);
      node.definition = definition;
      node.mapped = definition->mapped;
      bind_constants(node, at);
      for (const auto& connection : definition->connections) connect(node, index, connection, at);
      link(id);
      order.push_back(id);
    }
  }

  static void bind_constants(GraphNode& node, const std::vector<std::size_t>& at) {
    for (const auto& values : node.definition->axis_values) {
      node.inputs.push_back({static_cast<std::uint32_t>(values.port),
                             Input::Kind::kConstant,
                             values.values[at[values.axis]],
                             {}});
    }
    for (const auto& values : node.definition->element_values) {
      node.inputs.push_back({static_cast<std::uint32_t>(values.port),
                             Input::Kind::kEachConstant,
                             Value(values.values),
                             {}});
    }
  }

  void connect(GraphNode& node, std::size_t index, const Connection& connection,
               const std::vector<std::size_t>& at) const {
    const auto source_port = static_cast<std::uint32_t>(connection.source_port);
    if (connection.kind != Connection::Kind::kGather) {
      const auto kind =
          connection.kind == Connection::Kind::kEach ? Input::Kind::kEach : Input::Kind::kPlain;
      node.inputs.push_back(
          {static_cast<std::uint32_t>(connection.target_port),
           kind,
           Value(),
           {{instance_at(connection.source, at), source_port, connection.tolerance}}});
      return;
    }
    Input* input = find_gather(node, connection);
    for (const NodeId source : joined(connection.source, axes_[index], at))
      input->sources.push_back({source, source_port, connection.tolerance});
  }

  static Input* find_gather(GraphNode& node, const Connection& connection) {
    for (auto& input : node.inputs) {
      if (input.kind == Input::Kind::kGather && input.port == connection.target_port) return &input;
    }
    node.inputs.push_back(
        {static_cast<std::uint32_t>(connection.target_port), Input::Kind::kGather, Value(), {}});
    return &node.inputs.back();
  }

  void link(NodeId id) {
    auto& dependencies = nodes_[id].dependencies;
    for (const auto& input : nodes_[id].inputs) {
      for (const Source& source : input.sources) dependencies.push_back(source.node);
    }
    std::sort(dependencies.begin(), dependencies.end());
    dependencies.erase(std::unique(dependencies.begin(), dependencies.end()), dependencies.end());
    for (const NodeId dependency : dependencies) nodes_[dependency].dependents.push_back(id);
  }

  const Workflow& workflow_;
  std::vector<Axes> axes_;
  std::vector<NodeId> first_;
  std::vector<GraphNode> nodes_;
};

}  // namespace

std::string mapped_name(const std::string& element) {
  if (element.empty() || element.back() != ']') return {};
  const std::size_t open = element.rfind('[');
  const bool number = open != std::string::npos && open + 2 < element.size() &&
                      std::all_of(element.begin() + static_cast<std::ptrdiff_t>(open) + 1,
                                  element.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
  return number ? element.substr(0, open) : std::string();
}

Graph::Graph(const Workflow& workflow) : name_(workflow.name()) {
  check_names(workflow);
  nodes_ = Expansion(workflow).run(order_);
  for (auto id = order_.rbegin(); id != order_.rend(); ++id) {
    for (const NodeId dependent : nodes_[*id].dependents)
      nodes_[*id].height = std::max(nodes_[*id].height, nodes_[dependent].height + 1);
  }
}

std::vector<NodeId> Graph::expand(NodeId mapped, const std::vector<PortList>& lists) {
  const std::size_t count = lists.empty() ? 0 : lists.front().values.size();
  for (const auto& list : lists) {
    if (list.values.size() == count) continue;
    throw WorkflowError("the lists that node '" + nodes_[mapped].name + "' maps over have " +
                        std::to_string(count) + " and " + std::to_string(list.values.size()) +
                        " elements");
  }
  std::vector<NodeId> elements;
  for (std::size_t i = 0; i < count; ++i) {
    GraphNode element;
    element.name = nodes_[mapped].name + '[' + std::to_string(i) + ']';
    element.definition = nodes_[mapped].definition;
    element.dependencies = nodes_[mapped].dependencies;
    element.dependents = {mapped};
    element.height = nodes_[mapped].height + 1;
    element.element = true;
    for (const auto& input : nodes_[mapped].inputs) {
      const bool each =
          input.kind == Input::Kind::kEach || input.kind == Input::Kind::kEachConstant;
      if (!each) element.inputs.push_back(input);
    }
    for (const auto& list : lists) {
      element.inputs.push_back(
          {static_cast<std::uint32_t>(list.port), Input::Kind::kConstant, list.values[i], {}});
    }
    elements.push_back(static_cast<NodeId>(nodes_.size()));
    nodes_.push_back(std::move(element));
  }
  return elements;
}

}  // namespace hypersynth::pipeline
