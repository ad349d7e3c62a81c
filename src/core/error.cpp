#include "core/error.h"

#include "core/utf8.h"

namespace hypersynth {

InputError::InputError(const std::string& path, const std::string& expected,
                       const std::string& found, ExitCode code)
    : Error(code, printable(path) + ": expected " + expected + ", found " + printable(found)),
      findings_{path, expected, found} {}

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
