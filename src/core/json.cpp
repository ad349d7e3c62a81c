#include "core/json.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <unordered_set>

namespace hypersynth {

namespace {

constexpr int kMaxDepth = 64;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Json document() {
    Json value = parse_value(0);
    skip_space();
    if (at_ != text_.size()) fail("the end of the text");
    return value;
  }

 private:
  [[noreturn]] void fail(const char* expected) const {
    throw JsonError(std::string("expected ") + expected + " at byte " + std::to_string(at_));
  }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool take_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  Json parse_value(int depth) {
    if (depth > kMaxDepth) fail("at most 64 levels");
    skip_space();
    if (take('{')) return parse_object(depth);
    if (take('[')) return parse_array(depth);
    if (at_ < text_.size() && text_[at_] == '"') return Json(parse_string());
    if (take_word("true")) return Json(true);
    if (take_word("false")) return Json(false);
    if (take_word("null")) return Json();
    return parse_number();
  }

  Json parse_object(int depth) {
    Json object = Json::object();
    std::unordered_set<std::string> keys;
    skip_space();
    if (take('}')) return object;
    do {
      skip_space();
      std::string key = parse_string();
      if (!keys.insert(key).second) fail("a key that did not come before");
      skip_space();
      if (!take(':')) fail("':'");
      object.add(std::move(key), parse_value(depth + 1));
      skip_space();
    } while (take(','));
    if (!take('}')) fail("',' or '}'");
    return object;
  }

  Json parse_array(int depth) {
    std::vector<Json> elements;
    skip_space();
    if (take(']')) return Json::array();
    do {
      elements.push_back(parse_value(depth + 1));
      skip_space();
    } while (take(','));
    if (!take(']')) fail("',' or ']'");
    return Json::array(std::move(elements));
  }

  unsigned parse_hex4() {
    unsigned value = 0;
    const auto part = text_.substr(at_, 4);
    const auto end = part.data() + part.size();
    const auto result = std::from_chars(part.data(), end, value, 16);
    if (part.size() != 4 || result.ptr != end) fail("four hexadecimal digits");
    at_ += 4;
    return value;
  }

  void append_utf8(std::string& out, unsigned code) const {
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xc0 | (code >> 6));
      out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
      out += static_cast<char>(0xe0 | (code >> 12));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
      out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
      out += static_cast<char>(0xf0 | (code >> 18));
      out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
      out += static_cast<char>(0x80 | (code & 0x3f));
    }
  }

  void parse_escape(std::string& out) {
    static constexpr std::string_view kNames = "\"\\/bfnrt";
    static constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
    if (take('u')) {
      unsigned code = parse_hex4();
      if (code >= 0xd800 && code < 0xdc00) {
        if (!take_word("\\u")) fail("the second half of a surrogate pair");
        const unsigned low = parse_hex4();
        if (low < 0xdc00 || low > 0xdfff) fail("the second half of a surrogate pair");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      } else if (code >= 0xdc00 && code <= 0xdfff) {
        fail("a first half before the second of a surrogate pair");
      }
      append_utf8(out, code);
      return;
    }
    const auto index = at_ < text_.size() ? kNames.find(text_[at_]) : std::string_view::npos;
    if (index == std::string_view::npos) fail("an escape sequence");
    out += kValues[index];
    ++at_;
  }

  std::string parse_string() {
    if (!take('"')) fail("'\"'");
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) fail("no control character in a string");
      ++at_;
      if (c == '\\') {
        parse_escape(out);
      } else {
        out += c;
      }
    }
    if (!take('"')) fail("'\"'");
    return out;
  }

  Json parse_number() {
    const std::size_t start = at_;
    take('-');
    const std::size_t digits = at_;
    skip_digits("a value");
    if (at_ - digits > 1 && text_[digits] == '0') fail("no leading zero");
    if (take('.')) skip_digits("a digit");
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      skip_digits("a digit");
    }
    double value = 0;
    const auto part = text_.substr(start, at_ - start);
    const auto result = std::from_chars(part.data(), part.data() + part.size(), value);
    if (result.ec != std::errc()) fail("a number within the range of a double");
    return Json(value);
  }

  void skip_digits(const char* expected) {
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    if (at_ == start) fail(expected);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

void dump_string(const std::string& text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char buffer[8];
      std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(c));
      out += buffer;
    } else {
      out += c;
    }
  }
  out += '"';
}

void dump_number(double value, std::string& out) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char buffer[40];
  const bool integer = value == std::floor(value) && std::abs(value) < 9.007199254740992e15;
  std::snprintf(buffer, sizeof buffer, integer ? "%.0f" : "%.17g", value);
  out += buffer;
}

}  // namespace

Json Json::array(std::vector<Json> elements) {
  Json value;
  value.type_ = Type::kArray;
  value.elements_ = std::move(elements);
  return value;
}

Json Json::object(std::vector<Member> members) {
  Json value;
  value.type_ = Type::kObject;
  value.members_ = std::move(members);
  return value;
}

Json Json::parse(std::string_view text) { return Parser(text).document(); }

std::string Json::dump() const {
  std::string out;
  dump_to(out);
  return out;
}

void Json::dump_to(std::string& out) const {
  const char* separator = "";
  switch (type_) {
    case Type::kNull:
      out += "null";
      break;
    case Type::kBoolean:
      out += boolean_ ? "true" : "false";
      break;
    case Type::kNumber:
      dump_number(number_, out);
      break;
    case Type::kString:
      dump_string(string_, out);
      break;
    case Type::kArray:
      out += '[';
      for (const Json& element : elements_) {
        out += separator;
        separator = ",";
        element.dump_to(out);
      }
      out += ']';
      break;
    case Type::kObject:
      out += '{';
      for (const auto& [key, value] : members_) {
        out += separator;
        separator = ",";
        dump_string(key, out);
        out += ':';
        value.dump_to(out);
      }
      out += '}';
      break;
  }
}

void Json::expect(Type type, const char* name) const {
  if (type_ != type)
    throw JsonError(std::string("expected ") + name + ", found " + dump().substr(0, 80));
}

bool Json::boolean() const {
  expect(Type::kBoolean, "true or false");
  return boolean_;
}

double Json::number() const {
  expect(Type::kNumber, "a number");
  return number_;
}

std::int64_t Json::integer() const {
  expect(Type::kNumber, "an integer");
  if (number_ != std::floor(number_) || std::abs(number_) > 9.007199254740992e15) {
    throw JsonError("expected an integer, found " + dump());
  }
  return static_cast<std::int64_t>(number_);
}

const std::string& Json::string() const {
  expect(Type::kString, "a string");
  return string_;
}

const std::vector<Json>& Json::elements() const {
  expect(Type::kArray, "an array");
  return elements_;
}

const std::vector<Json::Member>& Json::members() const {
  expect(Type::kObject, "an object");
  return members_;
}

const Json* Json::find(std::string_view key) const {
  expect(Type::kObject, "an object");
  for (const auto& [name, value] : members_) {
    if (name == key) return &value;
  }
  return nullptr;
}

const Json& Json::at(std::string_view key) const {
  const Json* value = find(key);
  if (value == nullptr) throw JsonError("expected a member \"" + std::string(key) + "\"");
  return *value;
}

void Json::add(std::string key, Json value) {
  expect(Type::kObject, "an object");
  members_.emplace_back(std::move(key), std::move(value));
}

}  // namespace hypersynth
