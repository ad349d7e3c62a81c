#include "engine/model/json_reading.h"

#include <cmath>
#include <unordered_set>
#include <vector>

#include <nlohmann/json.hpp>

namespace hypersynth {

namespace {

using nlohmann::json;

constexpr int kMostLevels = 64;
constexpr std::size_t kMostShown = 80;

/// The beginning of a value, for messages.
std::string shown(const json& value) {
  if (value.is_object() || value.is_array())
    return std::string(value.is_object() ? "an object" : "a list") + " of " +
           std::to_string(value.size());
  return value.dump(-1, ' ', false, json::error_handler_t::replace).substr(0, kMostShown);
}

std::string quoted(const std::string& key) { return "\"" + key + "\""; }

const json& expect(bool holds, const json& value, const std::string& what, const char* kind) {
  if (!holds) throw JsonError(what + ", " + kind, shown(value));
  return value;
}

}  // namespace

json parse_json(std::string_view text) {
  std::vector<std::unordered_set<std::string>> keys;  // of the objects that are open
  const auto check = [&](int depth, json::parse_event_t event, json& parsed) {
    switch (event) {
      case json::parse_event_t::object_start:
        keys.emplace_back();
        [[fallthrough]];
      case json::parse_event_t::array_start:
        if (depth >= kMostLevels)
          throw JsonError("at most " + std::to_string(kMostLevels) + " levels", "more");
        break;
      case json::parse_event_t::object_end:
        keys.pop_back();
        break;
      case json::parse_event_t::key: {
        const auto& key = parsed.get_ref<const std::string&>();
        if (!keys.back().insert(key).second)
          throw JsonError("every key once in an object", quoted(key) + " again");
        break;
      }
      default:
        break;
    }
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), check);
  } catch (const json::exception& error) {
    throw JsonError("JSON", error.what());
  }
}

const json& member(const json& object, const std::string& key) {
  if (!object.is_object()) throw JsonError("an object with " + quoted(key), shown(object));
  const auto found = object.find(key);
  if (found == object.end()) throw JsonError(quoted(key), "no such key");
  return *found;
}

double number_of(const json& value, const std::string& what) {
  return expect(value.is_number(), value, what, "a number").get<double>();
}

std::int64_t integer_of(const json& value, const std::string& what, std::int64_t least,
                        std::int64_t most) {
  // 2.0 is an integer too: some writers know only one kind of number.
  const double number = value.is_number() ? value.get<double>() : std::nan("");
  const bool integer =
      number == std::floor(number) && std::abs(number) <= static_cast<double>(kLargestJsonInteger);
  const auto result = integer ? static_cast<std::int64_t>(number) : 0;
  if (!integer || result < least || result > most) {
    const bool bounded = least > -kLargestJsonInteger || most < kLargestJsonInteger;
    throw JsonError(what + ", an integer" +
                        (bounded ? " from " + std::to_string(least) + " to " + std::to_string(most)
                                 : std::string()),
                    shown(value));
  }
  return result;
}

const std::string& text_of(const json& value, const std::string& what) {
  return expect(value.is_string(), value, what, "text").get_ref<const std::string&>();
}

bool boolean_at(const json& object, const std::string& key) {
  const json& value = member(object, key);
  return expect(value.is_boolean(), value, quoted(key), "true or false").get<bool>();
}

double number_at(const json& object, const std::string& key) {
  return number_of(member(object, key), quoted(key));
}

std::int64_t integer_at(const json& object, const std::string& key, std::int64_t least,
                        std::int64_t most) {
  return integer_of(member(object, key), quoted(key), least, most);
}

const std::string& text_at(const json& object, const std::string& key) {
  return text_of(member(object, key), quoted(key));
}

const json& list_at(const json& object, const std::string& key) {
  const json& value = member(object, key);
  return expect(value.is_array(), value, quoted(key), "a list");
}

const json& object_at(const json& object, const std::string& key) {
  const json& value = member(object, key);
  return expect(value.is_object(), value, quoted(key), "an object");
}

std::string to_text(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace hypersynth
