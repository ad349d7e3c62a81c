#pragma once

#include <cstddef>
#include <random>
#include <string>

namespace hypersynth {

/// `text` with one to four edits: bytes that tables and JSON are made of, or any other, are put in,
/// removed or repeated.
inline std::string mutated(std::string text, std::mt19937& generator) {
  const auto below = [&generator](std::size_t n) { return generator() % n; };
  static constexpr char kLikely[] = "\t\n\r-0129#n/a\xef\xbb\xbf";
  for (std::size_t edits = 1 + below(4); edits > 0 && !text.empty(); --edits) {
    const std::size_t at = below(text.size());
    const char byte =
        below(2) == 0 ? kLikely[below(sizeof kLikely)] : static_cast<char>(below(256));
    switch (below(4)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.insert(at, 1, byte);
        break;
      case 2:
        text.erase(at, 1 + below(8));
        break;
      default:
        text.insert(at, text.substr(below(text.size()), below(40)));
    }
  }
  return text;
}

}  // namespace hypersynth
