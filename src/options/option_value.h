#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "options/choice.h"

namespace hypersynth {

/// How often an option takes a word.
enum class OptionKind {
  kFlag,   ///< takes none: it is given or not
  kCount,  ///< takes none: it counts how often it is given
  kValue,  ///< takes one
  kList,   ///< takes several, after one another or by being given again
};

/// How values of type T are read from the words of a command line and shown. Each specialisation
/// has
///   kKind                  how often it takes a word
///   value_name()           what --help calls the word
///   read(text, value)      sets or, for lists, appends; throws std::invalid_argument "expected
///   ...,
///                          found ..."
///   text(value)            as it would be typed; empty where there is nothing to show
///   json(value)            as JSON, for what a checkpoint records
template <class T, class = void>
struct OptionValue;

/// The number that a range is compared with; nothing where a value is none, or is not given.
template <class T, class = void>
struct OptionNumber {
  static std::optional<double> of(const T& /*value*/) { return std::nullopt; }
};

template <class T>
struct OptionNumber<T, std::enable_if_t<std::is_arithmetic_v<T>>> {
  static std::optional<double> of(T value) { return static_cast<double>(value); }
};

template <class T>
struct OptionNumber<std::optional<T>, std::enable_if_t<std::is_arithmetic_v<T>>> {
  static std::optional<double> of(const std::optional<T>& value) { return value; }
};

/// `text` as a JSON string; it may hold no control characters.
std::string quoted_json(const std::string& text);

template <>
struct OptionValue<bool> {
  static constexpr OptionKind kKind = OptionKind::kFlag;
  static std::string value_name() { return ""; }
  static void read(const std::string& text, bool& value) { value = text == "true"; }
  static std::string text(bool) { return ""; }
  static std::string json(bool value) { return value ? "true" : "false"; }
};

template <>
struct OptionValue<std::string> {
  static constexpr OptionKind kKind = OptionKind::kValue;
  static std::string value_name() { return "TEXT"; }
  static void read(const std::string& text, std::string& value) { value = text; }
  static std::string text(const std::string& value) { return value; }
  static std::string json(const std::string& value) { return quoted_json(value); }
};

/// A finite number, with a decimal point or an exponent where needed.
template <>
struct OptionValue<double> {
  static constexpr OptionKind kKind = OptionKind::kValue;
  static std::string value_name() { return "NUMBER"; }
  static void read(const std::string& text, double& value);
  static std::string text(double value);
  /// 17 significant digits: every bit of it.
  static std::string json(double value);
};

template <>
struct OptionValue<int> {
  static constexpr OptionKind kKind = OptionKind::kValue;
  static std::string value_name() { return "N"; }
  static void read(const std::string& text, int& value);
  static std::string text(int value) { return std::to_string(value); }
  static std::string json(int value) { return std::to_string(value); }
};

template <>
struct OptionValue<std::int64_t> {
  static constexpr OptionKind kKind = OptionKind::kValue;
  static std::string value_name() { return "N"; }
  static void read(const std::string& text, std::int64_t& value);
  static std::string text(std::int64_t value) { return std::to_string(value); }
  static std::string json(std::int64_t value) { return std::to_string(value); }
};

template <>
struct OptionValue<std::uint64_t> {
  static constexpr OptionKind kKind = OptionKind::kValue;
  static std::string value_name() { return "N"; }
  static void read(const std::string& text, std::uint64_t& value);
  static std::string text(std::uint64_t value) { return std::to_string(value); }
  /// A string: numbers of JSON are exact only up to 2^53.
  static std::string json(std::uint64_t value) { return quoted_json(std::to_string(value)); }
};

template <>
struct OptionValue<std::vector<std::string>> {
  static constexpr OptionKind kKind = OptionKind::kList;
  static std::string value_name() { return "TEXT"; }
  static void read(const std::string& text, std::vector<std::string>& values) {
    values.push_back(text);
  }
  static std::string text(const std::vector<std::string>& values);
  static std::string json(const std::vector<std::string>& values);
};

/// NAME=NUMBER, several.
template <>
struct OptionValue<std::map<std::string, double>> {
  static constexpr OptionKind kKind = OptionKind::kList;
  static std::string value_name() { return "NAME=NUMBER"; }
  static void read(const std::string& text, std::map<std::string, double>& values);
  static std::string text(const std::map<std::string, double>& values);
  static std::string json(const std::map<std::string, double>& values);
};

/// Sides such as 128x128x128.
template <>
struct OptionValue<std::vector<std::int64_t>> {
  static constexpr OptionKind kKind = OptionKind::kValue;
  static std::string value_name() { return "SIDES"; }
  static void read(const std::string& text, std::vector<std::int64_t>& sides);
  static std::string text(const std::vector<std::int64_t>& sides);
  static std::string json(const std::vector<std::int64_t>& sides);
};

/// One of the words of an enumeration.
template <class E>
struct OptionValue<E, std::enable_if_t<std::is_enum_v<E>>> {
  static constexpr OptionKind kKind = OptionKind::kValue;
  static std::string value_name() { return "{" + words_of<E>(",") + "}"; }
  static void read(const std::string& text, E& value) { value = parse_word<E>(text); }
  static std::string text(E value) { return word_of(value); }
  static std::string json(E value) { return quoted_json(word_of(value)); }
};

/// Nothing unless it is given.
template <class T>
struct OptionValue<std::optional<T>> {
  static constexpr OptionKind kKind = OptionKind::kValue;
  static std::string value_name() { return OptionValue<T>::value_name(); }
  static void read(const std::string& text, std::optional<T>& value) {
    T read_value{};
    OptionValue<T>::read(text, read_value);
    value = std::move(read_value);
  }
  static std::string text(const std::optional<T>& value) {
    return value ? OptionValue<T>::text(*value) : "";
  }
  static std::string json(const std::optional<T>& value) {
    return value ? OptionValue<T>::json(*value) : "null";
  }
};

}  // namespace hypersynth
