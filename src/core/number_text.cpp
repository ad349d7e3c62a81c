#include "core/number_text.h"

#include <array>
#include <charconv>

namespace hypersynth {

namespace {

/// Enough for the 309 digits of the largest number and the digits after the point.
constexpr std::size_t kMostCharacters = 512;

template <class... Format>
std::string written(double value, Format... format) {
  std::array<char, kMostCharacters> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format...).ptr;
  return std::string(text.data(), end);
}

}  // namespace

std::string exact_number(double value) { return written(value); }

std::string significant_digits(double value, int digits) {
  return written(value, std::chars_format::general, digits);
}

std::string decimal_places(double value, int decimals) {
  return written(value, std::chars_format::fixed, decimals);
}

}  // namespace hypersynth
