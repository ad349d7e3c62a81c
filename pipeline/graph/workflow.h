#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "pipeline/graph/any_interface.h"
#include "pipeline/graph/resources.h"

namespace hypersynth::pipeline {

/// The workflow itself is wrong: a port bound twice, a cycle, an input that nothing sets.
class WorkflowError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Where a node runs.
enum class Placement {
  kThread,   ///< in a thread of this process: for light work, or to share a model that is loaded
  kProcess,  ///< in a process of its own (or a cluster job): a crash there harms no other node
};

/// How a node is run; none of this changes its result.
struct NodeOptions {
  Resources resources;

  /// A thread by default, since starting a process takes longer than many a step.
  Placement placement = Placement::kThread;

  /// Its results stay where RunOptions::clean_workdir removes those that no node needs any more.
  bool keep = false;

  /// The program can run it with `--run-node`, and a crash file then says how to run just this node
  /// again. To be cleared for interfaces that the program's registry lacks.
  bool served = true;
};

/// What becomes of a node when a source that feeds it has failed. It follows from the type of the
/// input: `T`, `std::optional<T>` or `Outcome<T>`.
enum class Tolerance {
  kNone,      ///< it is skipped
  kOptional,  ///< it runs without the value
  kOutcome,   ///< it runs and is told why there is no value
};

/// How an input port is fed by an output port.
struct Connection {
  enum class Kind {
    kPlain,   ///< the value
    kGather,  ///< one element of a list per instance of the source
    kEach,    ///< the source's list, one element per element of a mapped node
  };
  Kind kind = Kind::kPlain;
  std::size_t source = 0;
  std::size_t source_port = 0;
  std::size_t target_port = 0;
  Tolerance tolerance = Tolerance::kNone;
  std::optional<std::vector<std::size_t>> over;  ///< axes a gather joins; else all it can
};

/// Values that an input port takes, one per position of an axis or per element of a mapped node.
struct PortList {
  std::size_t axis = 0;
  std::size_t port = 0;
  List values;
};

/// A node as the workflow describes it, before its axes are multiplied out.
struct NodeDefinition {
  std::string name;
  std::shared_ptr<const AnyInterface> interface;
  Values inputs;
  NodeOptions options;
  bool mapped = false;
  std::vector<std::size_t> own_axes;
  std::vector<PortList> axis_values;
  std::vector<PortList> element_values;
  std::vector<Connection> connections;
  std::vector<bool> bound;
};

/// A dimension that nodes are repeated along.
struct AxisDefinition {
  std::string name;
  std::vector<std::string> labels;
};

/// Handle of a node that was added to a workflow.
template <Interface I>
struct Node {
  std::size_t workflow = 0;
  std::size_t index = 0;
};

/// Handle of a node that runs once per element of a list; its outputs are lists.
template <Interface I>
struct MapNode {
  std::size_t workflow = 0;
  std::size_t index = 0;
};

/// Handle of an axis made by `Workflow::iterate`.
struct Axis {
  std::size_t workflow = 0;
  std::size_t index = 0;
};

/// Where the nodes of a nested workflow went: `nested(node)` is the handle in the outer one.
struct Nested {
  std::size_t inner = 0;
  std::size_t outer = 0;
  std::size_t node_offset = 0;
  std::size_t axis_offset = 0;

  template <Interface I>
  Node<I> operator()(Node<I> node) const {
    check(node.workflow);
    return {outer, node.index + node_offset};
  }
  template <Interface I>
  MapNode<I> operator()(MapNode<I> node) const {
    check(node.workflow);
    return {outer, node.index + node_offset};
  }
  Axis operator()(Axis axis) const {
    check(axis.workflow);
    return {outer, axis.index + axis_offset};
  }

 private:
  void check(std::size_t workflow) const {
    if (workflow != inner) throw WorkflowError("a handle of another workflow was used");
  }
};

/// Values for one port along an axis: `each(&Smooth::Inputs::fwhm_mm, {4.0, 8.0})`.
template <class Struct, class T>
struct Each {
  T Struct::*member;
  std::vector<T> values;
};

template <class Struct, class T>
Each<Struct, T> each(T Struct::*member, std::type_identity_t<std::vector<T>> values) {
  return {member, std::move(values)};
}

namespace detail {

template <class From, class To>
inline constexpr Tolerance kTolerance = Tolerance::kNone;
template <class T>
inline constexpr Tolerance kTolerance<T, std::optional<T>> = Tolerance::kOptional;
template <class T>
inline constexpr Tolerance kTolerance<T, Outcome<T>> = Tolerance::kOutcome;
template <class T>
inline constexpr Tolerance kTolerance<T, std::vector<std::optional<T>>> = Tolerance::kOptional;
template <class T>
inline constexpr Tolerance kTolerance<T, std::vector<Outcome<T>>> = Tolerance::kOutcome;

/// Whether an output of type `From` may feed an input of type `To`.
template <class From, class To>
inline constexpr bool kFeeds =
    std::is_same_v<To, From> || std::is_same_v<To, std::optional<From>> ||
    std::is_same_v<To, Outcome<From>>;

/// Whether it may be one element of an input of type `To`.
template <class From, class To>
inline constexpr bool kFeedsElement = false;
template <class From, class To>
inline constexpr bool kFeedsElement<From, std::vector<To>> = kFeeds<From, To>;

}  // namespace detail

/// A graph of nodes, built before anything runs. All handles belong to the workflow that gave them
/// (or, through `nest`, to the outer one); misuse throws WorkflowError.
class Workflow {
 public:
  explicit Workflow(std::string name);

  const std::string& name() const { return name_; }
  const std::vector<NodeDefinition>& nodes() const { return nodes_; }
  const std::vector<AxisDefinition>& axes() const { return axes_; }

  /// A node with constant inputs; what is not constant is connected later.
  template <Interface I>
  Node<I> add(std::string node_name, typename I::Inputs inputs = {}, NodeOptions options = {}) {
    return {id_, add_node(std::move(node_name), erase<I>(), to_values(inputs, I::inputs), options)};
  }

  /// The same for an implementation that carries state, such as a loaded model.
  template <Interface I>
  Node<I> add_with(I implementation, std::string node_name, typename I::Inputs inputs = {},
                   NodeOptions options = {}) {
    return {id_, add_node(std::move(node_name), erase<I>(std::move(implementation)),
                          to_values(inputs, I::inputs), options)};
  }

  /// A node that runs once per element of the lists given to some of its ports by `set_each`, or by
  /// connecting an output that is a list of the port's type.
  template <Interface I>
  MapNode<I> map(std::string node_name, typename I::Inputs inputs = {}, NodeOptions options = {}) {
    return {id_, map_node(std::move(node_name), erase<I>(), to_values(inputs, I::inputs), options)};
  }

  template <Interface I>
  MapNode<I> map_with(I implementation, std::string node_name, typename I::Inputs inputs = {},
                      NodeOptions options = {}) {
    return {id_, map_node(std::move(node_name), erase<I>(std::move(implementation)),
                          to_values(inputs, I::inputs), options)};
  }

  template <Interface I, class T>
  void set(Node<I> node, T I::Inputs::*member, const std::type_identity_t<T>& value) {
    set_input(at(node), port_index(I::inputs, member), to_value(value));
  }

  template <Interface I, class T>
  void set(MapNode<I> node, T I::Inputs::*member, const std::type_identity_t<T>& value) {
    set_input(at(node), port_index(I::inputs, member), to_value(value));
  }

  template <Interface I, class T>
  void set_each(MapNode<I> node, T I::Inputs::*member,
                const std::type_identity_t<std::vector<T>>& values) {
    set_elements(at(node), port_index(I::inputs, member), to_value(values).template as<List>());
  }

  /// Feeds an input from an output of the same type T, or an input `std::optional<T>` or
  /// `Outcome<T>`: such a node also runs when the source failed.
  template <Interface S, class From, Interface D, class To>
  void connect(Node<S> source, From S::Outputs::*output, Node<D> target, To D::Inputs::*input) {
    static_assert(detail::kFeeds<From, To>, "the output's type does not fit the input's");
    bind(at(target), {Connection::Kind::kPlain,
                      at(source),
                      port_index(S::outputs, output),
                      port_index(D::inputs, input),
                      detail::kTolerance<From, To>,
                      {}});
  }

  /// Feeds a mapped node: a list of the port's type gives one element to each, a single value goes
  /// to all.
  template <Interface S, class From, Interface D, class To>
  void connect(Node<S> source, From S::Outputs::*output, MapNode<D> target, To D::Inputs::*input) {
    constexpr bool kList = std::is_same_v<From, std::vector<To>>;
    static_assert(kList || detail::kFeeds<From, To>, "the output's type does not fit the input's");
    bind(at(target), {kList ? Connection::Kind::kEach : Connection::Kind::kPlain,
                      at(source),
                      port_index(S::outputs, output),
                      port_index(D::inputs, input),
                      detail::kTolerance<From, To>,
                      {}});
  }

  /// Feeds an input from all elements of a mapped node.
  template <Interface S, class From, Interface D, class To>
  void connect(MapNode<S> source, From S::Outputs::*output, Node<D> target, To D::Inputs::*input) {
    static_assert(detail::kFeedsElement<From, To>, "a mapped node gives a list");
    bind(at(target), {Connection::Kind::kPlain,
                      at(source),
                      port_index(S::outputs, output),
                      port_index(D::inputs, input),
                      detail::kTolerance<From, To>,
                      {}});
  }

  /// Feeds each element of a mapped node from the same element of another.
  template <Interface S, class From, Interface D, class To>
  void connect(MapNode<S> source, From S::Outputs::*output, MapNode<D> target,
               To D::Inputs::*input) {
    static_assert(std::is_same_v<From, To>, "the output's type does not fit the input's");
    bind(at(target), {Connection::Kind::kEach,
                      at(source),
                      port_index(S::outputs, output),
                      port_index(D::inputs, input),
                      Tolerance::kNone,
                      {}});
  }

  /// Appends the value of an output to an input that is a list of that type (or of
  /// `std::optional<T>`, `Outcome<T>`); may be called for many sources. Axes of the source are
  /// joined: those given, or else all that no other connection gives to the target.
  template <Interface S, class From, Interface D, class To>
  void gather(Node<S> source, From S::Outputs::*output, Node<D> target, To D::Inputs::*input,
              std::optional<std::vector<Axis>> over = std::nullopt) {
    static_assert(detail::kFeedsElement<From, To>, "gather feeds a list of the output's type");
    bind(at(target),
         {Connection::Kind::kGather, at(source), port_index(S::outputs, output),
          port_index(D::inputs, input), detail::kTolerance<From, To>, axis_indices(over)});
  }

  /// Repeats a node, and everything that depends on it up to a gather, once per value. Several
  /// ports given together change together; separate calls multiply.
  template <Interface I, class First, class... Rest>
  Axis iterate(Node<I> node, Each<typename I::Inputs, First> first,
               Each<typename I::Inputs, Rest>... rest) {
    const Axis axis{id_, add_axis(std::string(port_name(I::inputs, first.member)),
                                  to_value(first.values).template as<List>())};
    bind_axis(at(node), axis, port_index(I::inputs, first.member), to_value(first.values));
    (bind_axis(at(node), axis, port_index(I::inputs, rest.member), to_value(rest.values)), ...);
    return axis;
  }

  /// Lets a port of another node change along an axis that exists.
  template <Interface I, class T>
  void iterate(Node<I> node, Axis axis, Each<typename I::Inputs, T> values) {
    bind_axis(at(node), axis, port_index(I::inputs, values.member), to_value(values.values));
  }

  /// Copies all nodes of `inner` into this workflow as "name.node".
  Nested nest(const std::string& nested_name, const Workflow& inner);

 private:
  template <class Handle>
  std::size_t at(Handle handle) const {
    if (handle.workflow != id_) throw WorkflowError("a handle of another workflow was used");
    return handle.index;
  }
  template <class Ports, class Struct, class T>
  static std::string_view port_name(const Ports& ports, T Struct::*member) {
    std::string_view found;
    const std::size_t wanted = port_index(ports, member);
    for_each_port(ports, [&](const auto& port, std::size_t index) {
      if (index == wanted) found = port.name;
    });
    return found;
  }

  std::size_t add_node(std::string node_name, std::shared_ptr<const AnyInterface> interface,
                       Values inputs, NodeOptions options);
  std::size_t map_node(std::string node_name, std::shared_ptr<const AnyInterface> interface,
                       Values inputs, NodeOptions options);
  std::size_t add_axis(std::string axis_name, const List& values);
  std::optional<std::vector<std::size_t>> axis_indices(
      const std::optional<std::vector<Axis>>& axes) const;
  void set_input(std::size_t node, std::size_t port, Value value);
  void set_elements(std::size_t node, std::size_t port, List values);
  void bind(std::size_t node, Connection connection);
  void bind_axis(std::size_t node, Axis axis, std::size_t port, const Value& values);
  void claim(std::size_t node, std::size_t port);

  std::size_t id_;
  std::string name_;
  std::vector<NodeDefinition> nodes_;
  std::vector<AxisDefinition> axes_;
};

}  // namespace hypersynth::pipeline
