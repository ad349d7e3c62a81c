#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/graph/workflow.h"

namespace hypersynth::pipeline {

using NodeId = std::uint32_t;

/// An output port of a node of the graph, as an input sees it.
struct Source {
  NodeId node = 0;
  std::uint32_t port = 0;
  Tolerance tolerance = Tolerance::kNone;
};

/// Where an input port gets its value from, if that is not the constant of the definition.
struct Input {
  enum class Kind {
    kConstant,      ///< it is `constant`, as at one position of an axis
    kPlain,         ///< it is the value of `sources[0]`
    kGather,        ///< it is a list with one element per source
    kEach,          ///< of a mapped node: each of its elements gets one of the list `sources[0]`
    kEachConstant,  ///< of a mapped node: each of its elements gets one of the list `constant`
  };
  std::uint32_t port = 0;
  Kind kind = Kind::kConstant;
  Value constant;
  std::vector<Source> sources;
};

/// One execution: a node of the workflow at one position of its axes, or one element of a mapped
/// node. A mapped node itself runs nothing; it stands for all its elements.
struct GraphNode {
  std::string name;
  std::shared_ptr<const NodeDefinition> definition;
  std::vector<Input> inputs;
  std::vector<NodeId> dependencies;
  std::vector<NodeId> dependents;
  std::uint32_t height = 0;  ///< nodes on the longest path from here to an end
  bool mapped = false;
  bool element = false;
};

/// The workflow with its axes multiplied out: every execution that will be, and what feeds it. The
/// elements of a mapped node are added during the run, once the lists that it runs over are known.
class Graph {
 public:
  /// Throws WorkflowError for a cycle (naming it), two nodes of one name, or a path input that
  /// nothing sets.
  explicit Graph(const Workflow& workflow);

  const std::string& name() const { return name_; }
  std::size_t size() const { return nodes_.size(); }
  const GraphNode& operator[](NodeId id) const { return nodes_[id]; }
  const std::vector<GraphNode>& nodes() const { return nodes_; }

  /// Every node after all its dependencies; elements of mapped nodes are not in it.
  const std::vector<NodeId>& order() const { return order_; }

  /// Adds the elements of a mapped node, which then depends on them; `lists` are the values of its
  /// `each` ports. Throws WorkflowError when their lengths differ.
  std::vector<NodeId> expand(NodeId mapped, const std::vector<PortList>& lists);

 private:
  std::string name_;
  std::vector<GraphNode> nodes_;
  std::vector<NodeId> order_;
};

/// "add" of "add[3]", an element's name; empty for what is none.
std::string mapped_name(const std::string& element);

}  // namespace hypersynth::pipeline
