#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <boost/filesystem/path.hpp>

namespace hypersynth::pipeline {

namespace fs = boost::filesystem;

class Value;
using List = std::vector<Value>;

/// What one node hands to the next: nothing, a truth value, a number, a text, the path of a file,
/// or a list of these. A path stands for the content of its file, so that the node runs again when
/// that changes; a text that looks like a path is only a text.
class Value {
 public:
  using Data =
      std::variant<std::monostate, bool, std::int64_t, double, std::string, fs::path, List>;

  Value() = default;
  explicit Value(Data data) : data_(std::move(data)) {}

  const Data& data() const { return data_; }
  Data& data() { return data_; }
  bool empty() const { return data_.index() == 0; }

  /// The alternative `T`; throws ValueError when it holds another.
  template <class T>
  const T& as() const;

  bool operator==(const Value&) const = default;

 private:
  Data data_;
};

/// One value per port, in the order of the ports.
using Values = std::vector<Value>;

/// A stored value does not have the type of the port that it is read for, as when another version
/// of the program stored it.
class ValueError : public std::runtime_error {
 public:
  ValueError() : std::runtime_error("a stored value does not have the type of its port") {}
};

template <class T>
const T& Value::as() const {
  const T* held = std::get_if<T>(&data_);
  if (held == nullptr) throw ValueError();
  return *held;
}

/// What a node is given by a source that may fail without this node being skipped: the value, or
/// why there is none. Inputs of this type are how a node says so.
template <class T>
struct Outcome {
  std::optional<T> value;
  std::string error;

  bool operator==(const Outcome&) const = default;
};

/// How a type crosses from node to node; specialise it to let a type of your own do so.
template <class T>
struct ValueTraits;

template <class T>
concept PortValue = requires(const T& value, const Value& stored) {
  { ValueTraits<T>::to_value(value) } -> std::same_as<Value>;
  { ValueTraits<T>::from_value(stored) } -> std::same_as<T>;
};

template <PortValue T>
Value to_value(const T& value) {
  return ValueTraits<T>::to_value(value);
}

template <PortValue T>
T from_value(const Value& value) {
  return ValueTraits<T>::from_value(value);
}

template <>
struct ValueTraits<bool> {
  static Value to_value(bool value) { return Value(value); }
  static bool from_value(const Value& value) { return value.as<bool>(); }
};

template <std::integral T>
struct ValueTraits<T> {
  static Value to_value(T value) { return Value(static_cast<std::int64_t>(value)); }
  static T from_value(const Value& value) { return static_cast<T>(value.as<std::int64_t>()); }
};

template <class T>
requires std::is_enum_v<T>
struct ValueTraits<T> {
  static Value to_value(T value) { return Value(static_cast<std::int64_t>(value)); }
  static T from_value(const Value& value) { return static_cast<T>(value.as<std::int64_t>()); }
};

template <std::floating_point T>
struct ValueTraits<T> {
  static Value to_value(T value) { return Value(static_cast<double>(value)); }
  static T from_value(const Value& value) { return static_cast<T>(value.as<double>()); }
};

template <>
struct ValueTraits<std::string> {
  static Value to_value(const std::string& value) { return Value(value); }
  static std::string from_value(const Value& value) { return value.as<std::string>(); }
};

template <>
struct ValueTraits<fs::path> {
  static Value to_value(const fs::path& value) { return Value(value); }
  static fs::path from_value(const Value& value) { return value.as<fs::path>(); }
};

template <PortValue T>
struct ValueTraits<std::vector<T>> {
  static Value to_value(const std::vector<T>& values) {
    List list;
    list.reserve(values.size());
    for (const auto& value : values) list.push_back(ValueTraits<T>::to_value(value));
    return Value(std::move(list));
  }
  static std::vector<T> from_value(const Value& value) {
    std::vector<T> values;
    for (const auto& element : value.as<List>())
      values.push_back(ValueTraits<T>::from_value(element));
    return values;
  }
};

template <PortValue T, std::size_t N>
struct ValueTraits<std::array<T, N>> {
  static Value to_value(const std::array<T, N>& values) {
    List list;
    for (const auto& value : values) list.push_back(ValueTraits<T>::to_value(value));
    return Value(std::move(list));
  }
  static std::array<T, N> from_value(const Value& value) {
    const auto& list = value.as<List>();
    if (list.size() != N) throw ValueError();
    std::array<T, N> values;
    for (std::size_t i = 0; i < N; ++i) values[i] = ValueTraits<T>::from_value(list[i]);
    return values;
  }
};

template <PortValue A, PortValue B>
struct ValueTraits<std::pair<A, B>> {
  static Value to_value(const std::pair<A, B>& pair) {
    return Value(List{ValueTraits<A>::to_value(pair.first), ValueTraits<B>::to_value(pair.second)});
  }
  static std::pair<A, B> from_value(const Value& value) {
    const auto& list = value.as<List>();
    if (list.size() != 2) throw ValueError();
    return {ValueTraits<A>::from_value(list[0]), ValueTraits<B>::from_value(list[1])};
  }
};

template <PortValue T>
struct ValueTraits<std::optional<T>> {
  static Value to_value(const std::optional<T>& value) {
    return value ? ValueTraits<T>::to_value(*value) : Value();
  }
  static std::optional<T> from_value(const Value& value) {
    if (value.empty()) return std::nullopt;
    return ValueTraits<T>::from_value(value);
  }
};

/// An outcome is stored as [value, error].
template <PortValue T>
struct ValueTraits<Outcome<T>> {
  static Value to_value(const Outcome<T>& outcome) {
    return Value(List{pipeline::to_value(outcome.value), Value(outcome.error)});
  }
  static Outcome<T> from_value(const Value& value) {
    const auto& list = value.as<List>();
    if (list.size() != 2) throw ValueError();
    return {pipeline::from_value<std::optional<T>>(list[0]), list[1].as<std::string>()};
  }
};

/// Calls `visit(path)` for every path in `value`.
template <class Visit>
void for_each_path(const Value& value, const Visit& visit) {
  if (const auto* path = std::get_if<fs::path>(&value.data())) {
    visit(*path);
  } else if (const auto* list = std::get_if<List>(&value.data())) {
    for (const auto& element : *list) for_each_path(element, visit);
  }
}

/// The same for a value whose paths may be changed in place.
template <class Visit>
void for_each_path(Value& value, const Visit& visit) {
  if (auto* path = std::get_if<fs::path>(&value.data())) {
    visit(*path);
  } else if (auto* list = std::get_if<List>(&value.data())) {
    for (auto& element : *list) for_each_path(element, visit);
  }
}

/// `value` as a person writes it, cut after `limit` characters.
std::string display(const Value& value, std::size_t limit = 200);

}  // namespace hypersynth::pipeline
