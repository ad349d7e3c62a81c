#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hypersynth {

/// Text that is not JSON, or a value of another type than the one asked for. what() says what was
/// expected and, in a text, at which byte.
class JsonError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A JSON value (RFC 8259). Only the engine uses it, which must build with libtorch as its only
/// library, where nlohmann_json is not available. All other code uses nlohmann_json.
class Json {
 public:
  enum class Type { kNull, kBoolean, kNumber, kString, kArray, kObject };
  using Member = std::pair<std::string, Json>;

  Json() = default;
  Json(bool value) : type_(Type::kBoolean), boolean_(value) {}
  Json(double value) : type_(Type::kNumber), number_(value) {}
  Json(std::int64_t value) : type_(Type::kNumber), number_(static_cast<double>(value)) {}
  Json(int value) : Json(static_cast<std::int64_t>(value)) {}
  Json(std::string value) : type_(Type::kString), string_(std::move(value)) {}
  Json(const char* value) : Json(std::string(value)) {}
  static Json array(std::vector<Json> elements = {});
  static Json object(std::vector<Member> members = {});

  /// Parses a text that holds exactly one value, nested at most 64 levels deep. Throws JsonError if
  /// it does not, and if an object has a key twice.
  static Json parse(std::string_view text);
  /// The value as compact JSON. Integers are written without a point and other numbers with 17
  /// significant digits, so that they read back unchanged. NaN and infinity become null.
  std::string dump() const;

  Type type() const { return type_; }
  bool is_object() const { return type_ == Type::kObject; }

  /// The value as the type asked for. These functions throw JsonError if it is of another type;
  /// integer() also throws if the number has a fraction or lies beyond 2^53, where a double cannot
  /// hold every integer.
  bool boolean() const;
  double number() const;
  std::int64_t integer() const;
  const std::string& string() const;
  const std::vector<Json>& elements() const;
  const std::vector<Member>& members() const;

  /// The member of an object called `key`. If there is none, find() returns nullptr and at() throws
  /// JsonError.
  const Json* find(std::string_view key) const;
  const Json& at(std::string_view key) const;

  /// Appends a member to an object. Does not check whether it has a member of this name already.
  void add(std::string key, Json value);

 private:
  void expect(Type type, const char* name) const;
  void dump_to(std::string& out) const;

  Type type_ = Type::kNull;
  bool boolean_ = false;
  double number_ = 0;
  std::string string_;
  std::vector<Json> elements_;
  std::vector<Member> members_;
};

}  // namespace hypersynth
