#pragma once

#include <string>
#include <string_view>

namespace hypersynth {

/// What `show` makes of each value, with `separator` between them.
template <class Values, class Show>
std::string joined(const Values& values, std::string_view separator, const Show& show) {
  std::string text;
  bool first = true;
  for (const auto& value : values) {
    if (!first) text += separator;
    text += show(value);
    first = false;
  }
  return text;
}

/// The words with `separator` between them.
template <class Words>
std::string joined(const Words& words, std::string_view separator) {
  return joined(
      words, separator, [](const auto& word) -> const auto& { return word; });
}

/// "a, b and c": as a list in a sentence, with `last` between the last two.
template <class Words>
std::string joined_as_list(const Words& words, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? last : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace hypersynth
