#include "pipeline/graph/value.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "core/number_text.h"
#include "core/utf8.h"
#include "pipeline/graph/value_json.h"

namespace hypersynth::pipeline {
namespace {

using nlohmann::json;

std::string to_hex(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

std::string from_hex(const std::string& hex) {
  if (hex.size() % 2 != 0) throw ValueError();
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned value = 0;
    const auto result = std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    if (result.ptr != hex.data() + i + 2) throw ValueError();
    bytes += static_cast<char>(value);
  }
  return bytes;
}

json double_to_json(double value) {
  if (std::isfinite(value)) return value;
  return {{"float", std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf"}};
}

double double_from_name(const std::string& name) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (name == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (name == "inf") return kInfinity;
  if (name == "-inf") return -kInfinity;
  throw ValueError();
}

Value value_from_object(const json& object) {
  if (object.size() != 1 || !object.front().is_string()) throw ValueError();
  const std::string& key = object.begin().key();
  const auto& text = object.front().get_ref<const std::string&>();
  if (key == "file") return Value(fs::path(text));
  if (key == "file_bytes") return Value(fs::path(from_hex(text)));
  if (key == "bytes") return Value(from_hex(text));
  if (key == "float") return Value(double_from_name(text));
  throw ValueError();
}

void append(std::string& text, const Value& value, std::size_t limit);

struct Display {
  std::string& text;
  std::size_t limit;

  void operator()(std::monostate) const { text += "none"; }
  void operator()(bool value) const { text += value ? "true" : "false"; }
  void operator()(std::int64_t value) const { text += std::to_string(value); }
  void operator()(double value) const { text += exact_number(value); }
  void operator()(const std::string& value) const { text += value; }
  void operator()(const fs::path& value) const { text += value.string(); }
  void operator()(const List& list) const {
    text += '[';
    for (std::size_t i = 0; i < list.size() && text.size() <= limit; ++i) {
      if (i > 0) text += ", ";
      append(text, list[i], limit);
    }
    text += ']';
  }
};

void append(std::string& text, const Value& value, std::size_t limit) {
  std::visit(Display{text, limit}, value.data());
}

struct ToJson {
  json operator()(std::monostate) const { return nullptr; }
  json operator()(bool value) const { return value; }
  json operator()(std::int64_t value) const { return value; }
  json operator()(double value) const { return double_to_json(value); }
  json operator()(const std::string& value) const {
    if (is_utf8(value)) return value;
    return {{"bytes", to_hex(value)}};
  }
  json operator()(const fs::path& value) const {
    if (is_utf8(value.string())) return {{"file", value.string()}};
    return {{"file_bytes", to_hex(value.string())}};
  }
  json operator()(const List& list) const {
    json array = json::array();
    for (const auto& value : list) array.push_back(to_json(value));
    return array;
  }
};

}  // namespace

std::string display(const Value& value, std::size_t limit) {
  std::string text;
  append(text, value, limit);
  if (text.size() > limit) text = text.substr(0, limit) + "...";
  return text;
}

json to_json(const Value& value) { return std::visit(ToJson{}, value.data()); }

Value value_from_json(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return {};
    case json::value_t::boolean:
      return Value(value.get<bool>());
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
      return Value(value.get<std::int64_t>());
    case json::value_t::number_float:
      return Value(value.get<double>());
    case json::value_t::string:
      return Value(value.get<std::string>());
    case json::value_t::array: {
      List list;
      for (const auto& element : value) list.push_back(value_from_json(element));
      return Value(std::move(list));
    }
    case json::value_t::object:
      return value_from_object(value);
    default:
      throw ValueError();
  }
}

}  // namespace hypersynth::pipeline
