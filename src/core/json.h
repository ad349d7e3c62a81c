#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hypersynth {

/// Text that is not JSON; `what()` says what was expected at which byte.
class JsonError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A JSON value (RFC 8259), for the engine alone: it must build with libtorch as its only library,
/// where nlohmann_json is not to be had. Everything else uses nlohmann_json.
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

  /// Parses exactly one value; at most 64 levels deep. Throws JsonError, also for a repeated key.
  static Json parse(std::string_view text);
  /// Compact JSON; numbers with 17 significant digits, integers without a point, NaN and Inf as
  /// null.
  std::string dump() const;

  Type type() const { return type_; }
  bool is_object() const { return type_ == Type::kObject; }

  /// The value as the type asked for; throws JsonError where it is of another type (or, for an
  /// integer, has a fraction or lies beyond 2^53).
  bool boolean() const;
  double number() const;
  std::int64_t integer() const;
  const std::string& string() const;
  const std::vector<Json>& elements() const;
  const std::vector<Member>& members() const;

  /// The member called `key`; nullptr or JsonError where there is none.
  const Json* find(std::string_view key) const;
  const Json& at(std::string_view key) const;

  /// Appends a member without looking for an earlier one of that name.
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
