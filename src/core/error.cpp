#include "core/error.h"

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
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      result += "\\x";
      result += kHex[byte >> 4];
      result += kHex[byte & 15];
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace hypersynth
