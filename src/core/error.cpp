#include "core/error.h"

#include "core/utf8.h"

namespace hypersynth {

namespace {

constexpr std::string_view kExpected = ": expected ";
constexpr std::string_view kFound = ", found ";

}  // namespace

InputError::InputError(const std::string& path, const std::string& expected,
                       const std::string& found, ExitCode code)
    : Error(code,
            printable(path).append(kExpected).append(expected).append(kFound) + printable(found)),
      path_(path),
      expected_(expected),
      found_(found) {}

std::optional<InputFindings> parse_input_error(std::string_view message) {
  const auto expected = message.find(kExpected);
  if (expected == std::string_view::npos) return std::nullopt;
  const auto begin = expected + kExpected.size();
  const auto found = message.find(kFound, begin);
  if (found == std::string_view::npos) return std::nullopt;
  return InputFindings{std::string(message.substr(begin, found - begin)),
                       std::string(message.substr(found + kFound.size()))};
}

std::string printable(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, length > 0 ? length : 1);
    const auto lead = static_cast<unsigned char>(character[0]);
    const bool is_control = lead < 0x20 || lead == 0x7f || is_c1_control(character);
    if (length > 0 && !is_control) {
      result += character;
    } else {
      for (const char c : character) {
        const auto byte = static_cast<unsigned char>(c);
        result.append("\\x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
      }
    }
    text.remove_prefix(character.size());
  }
  return result;
}

}  // namespace hypersynth
