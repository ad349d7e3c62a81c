#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace hypersynth {

/// The bytes of one input as text.
inline std::string_view fuzz_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// The input cut at each line that is `---`: several files in one input.
inline std::vector<std::string_view> fuzz_parts(std::string_view text) {
  constexpr std::string_view kCut = "\n---\n";
  std::vector<std::string_view> parts;
  for (auto cut = text.find(kCut); cut != std::string_view::npos; cut = text.find(kCut)) {
    parts.push_back(text.substr(0, cut));
    text.remove_prefix(cut + kCut.size());
  }
  parts.push_back(text);
  return parts;
}

}  // namespace hypersynth

/// Stops the fuzzer where an invariant does not hold.
#define HYPERSYNTH_FUZZ_CHECK(condition)                                   \
  do {                                                                     \
    if (!(condition)) {                                                    \
      std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                        \
    }                                                                      \
  } while (false)
