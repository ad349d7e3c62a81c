#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "pipeline/graph/node_context.h"
#include "pipeline/graph/value.h"

namespace hypersynth::pipeline {

/// What of a path counts in the cache key.
enum class Hashed {
  kContent,  ///< the file's name and its bytes (a folder: all files below it)
  /// The same, of a file that other runs may replace while the node works. It decides whether the
  /// node runs; the node itself reads what is there.
  kSharedContent,
  kPath,  ///< the path alone: a place to write to, a file too large to matter
};

/// One input or output of an interface: its name, the member it stands for, a line of help.
template <class Struct, class T>
struct Port {
  constexpr Port(std::string_view port_name, T Struct::*port_member,
                 std::string_view port_help = {}, Hashed port_hashed = Hashed::kContent)
      : name(port_name), member(port_member), help(port_help), hashed(port_hashed) {}

  using Type = T;

  std::string_view name;
  T Struct::*member;
  std::string_view help;
  Hashed hashed;
};

namespace detail {

/// Converts to anything; used to count the fields of an aggregate without evaluating it.
template <std::size_t>
struct AnyField {
  template <class T>
  operator T() const;
};

template <class Struct, std::size_t... I>
constexpr bool takes_fields(std::index_sequence<I...>) {
  return requires { Struct{AnyField<I>{}...}; };
}

template <class Struct, std::size_t N = 0>
constexpr std::size_t field_count() {
  if constexpr (takes_fields<Struct>(std::make_index_sequence<N + 1>{})) {
    return field_count<Struct, N + 1>();
  } else {
    return N;
  }
}

template <class A, class B>
constexpr bool same_port(const A& a, const B& b) {
  if (a.name == b.name) return true;
  if constexpr (std::is_same_v<decltype(a.member), decltype(b.member)>) return a.member == b.member;
  return false;
}

template <class Ports, std::size_t... I>
constexpr bool ports_are_distinct(const Ports& ports, std::index_sequence<I...>) {
  const auto count_same = [&ports](const auto& port) {
    return (std::size_t{0} + ... + std::size_t{same_port(port, std::get<I>(ports))});
  };
  return (true && ... && (count_same(std::get<I>(ports)) == 1));
}

template <class Struct, class Ports>
constexpr bool ports_cover(const Ports& ports) {
  constexpr std::size_t kCount = std::tuple_size_v<Ports>;
  return field_count<Struct>() == kCount &&
         ports_are_distinct(ports, std::make_index_sequence<kCount>{});
}

template <class Struct, class Ports>
inline constexpr bool kPortsOf = false;
template <class Struct, class... T>
inline constexpr bool kPortsOf<Struct, const std::tuple<Port<Struct, T>...>> = (true && ... &&
                                                                                PortValue<T>);

}  // namespace detail

/// A processing step: aggregates `Inputs` and `Outputs`, a tuple of ports for each (every field is
/// exactly one port), a `version` that is part of the cache key, and
/// `Outputs run(const Inputs&, NodeContext&) const`.
template <class I>
concept Interface = requires(const I& interface, const typename I::Inputs& inputs,
                             NodeContext& context) {
  { interface.run(inputs, context) } -> std::same_as<typename I::Outputs>;
  std::string_view(I::version);
}
&&std::is_aggregate_v<typename I::Inputs>&& std::is_aggregate_v<typename I::Outputs>&&
        detail::kPortsOf<typename I::Inputs, decltype(I::inputs)>&&
            detail::kPortsOf<typename I::Outputs, decltype(I::outputs)>&&
                detail::ports_cover<typename I::Inputs>(I::inputs) &&
    detail::ports_cover<typename I::Outputs>(I::outputs);

/// Calls `visit(port, index)` for every port of the tuple.
template <class Ports, class Visit>
void for_each_port(const Ports& ports, const Visit& visit) {
  std::size_t index = 0;
  std::apply([&](const auto&... port) { (visit(port, index++), ...); }, ports);
}

/// The position of the port that stands for `member`.
template <class Ports, class Struct, class T>
std::size_t port_index(const Ports& ports, T Struct::*member) {
  std::size_t found = std::tuple_size_v<Ports>;
  for_each_port(ports, [&](const auto& port, std::size_t index) {
    if constexpr (std::is_same_v<decltype(port.member), T Struct::*>) {
      if (port.member == member) found = index;
    }
  });
  return found;
}

/// One value per port of `fields`.
template <class Struct, class Ports>
Values to_values(const Struct& fields, const Ports& ports) {
  Values values;
  values.reserve(std::tuple_size_v<Ports>);
  for_each_port(ports, [&](const auto& port, std::size_t) {
    values.push_back(to_value(fields.*port.member));
  });
  return values;
}

/// The struct that `values` were made from; throws ValueError where a type differs.
template <class Struct, class Ports>
Struct from_values(const Values& values, const Ports& ports) {
  if (values.size() != std::tuple_size_v<Ports>) throw ValueError();
  Struct fields{};
  for_each_port(ports, [&](const auto& port, std::size_t index) {
    using T = typename std::remove_cvref_t<decltype(port)>::Type;
    fields.*port.member = from_value<T>(values[index]);
  });
  return fields;
}

}  // namespace hypersynth::pipeline
