#include "core/error.h"

namespace hypersynth {

InputError::InputError(const std::string& path, const std::string& expected,
                       const std::string& found, ExitCode code)
    : Error(code, printable(path) + ": expected " + expected + ", found " + printable(found)),
      path_(path),
      expected_(expected),
      found_(found) {}

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
