#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace hypersynth {

/// JSON that does not hold what its reader expects. The readers of files catch it and throw an
/// InputError that adds the file's path.
class JsonError : public std::runtime_error {
 public:
  /// Both are noun phrases: "\"levels\", an integer from 1 to 8" and "50".
  JsonError(const std::string& expected, const std::string& found)
      : std::runtime_error("expected " + expected + ", found " + found),
        expected_(expected),
        found_(found) {}

  const std::string& expected() const { return expected_; }
  const std::string& found() const { return found_; }

 private:
  std::string expected_;
  std::string found_;
};

/// Integers up to this are exact as a double, which is how many writers of JSON see numbers.
constexpr std::int64_t kLargestJsonInteger = std::int64_t{1} << 53;

/// Reads one JSON value (RFC 8259) from a file that anyone may have written. The library alone
/// accepts a key that is repeated in an object and any depth; here a repeated key and more than 64
/// levels are JsonErrors, as is text that is not JSON.
nlohmann::json parse_json(std::string_view text);

/// The member of an object; throws JsonError where `object` is none or lacks it.
const nlohmann::json& member(const nlohmann::json& object, const std::string& key);

// The value of a member, which must have the type (and lie in the range) that the name says; throw
// JsonError.
bool boolean_at(const nlohmann::json& object, const std::string& key);
double number_at(const nlohmann::json& object, const std::string& key);
std::int64_t integer_at(const nlohmann::json& object, const std::string& key,
                        std::int64_t least = -kLargestJsonInteger,
                        std::int64_t most = kLargestJsonInteger);
const std::string& text_at(const nlohmann::json& object, const std::string& key);
const nlohmann::json& list_at(const nlohmann::json& object, const std::string& key);
const nlohmann::json& object_at(const nlohmann::json& object, const std::string& key);

// The same for a value without a key; `what` names it in the message.
double number_of(const nlohmann::json& value, const std::string& what);
std::int64_t integer_of(const nlohmann::json& value, const std::string& what,
                        std::int64_t least = -kLargestJsonInteger,
                        std::int64_t most = kLargestJsonInteger);
const std::string& text_of(const nlohmann::json& value, const std::string& what);

/// Compact JSON. Bytes that are not UTF-8 (in names of files) become the replacement character,
/// where the library's own default is to throw.
std::string to_text(const nlohmann::ordered_json& value);

}  // namespace hypersynth
