#include "engine/data/sided_name.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace hypersynth {
namespace {

/// What joins a side to a name: it goes away with the side.
constexpr std::string_view kBeforeSide = " ,-_.([";
constexpr std::string_view kAfterSide = " ,-_.)]";

struct Word {
  std::size_t begin = 0, end = 0;
  std::string lower_case;
};

/// Letters beyond ASCII are bytes of 128 and above in UTF-8.
bool is_in_word(unsigned char byte) { return byte >= 128 || std::isalnum(byte) != 0; }

std::vector<Word> words_of(std::string_view name) {
  std::vector<Word> words;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const auto byte = static_cast<unsigned char>(name[at]);
    if (!is_in_word(byte)) continue;
    if (words.empty() || words.back().end != at) words.push_back({at, at, {}});
    words.back().end = at + 1;
    words.back().lower_case += byte < 128 ? static_cast<char>(std::tolower(byte)) : name[at];
  }
  return words;
}

NamedSide side_of_word(const Word& word) {
  if (word.lower_case == "left" || word.lower_case == "lh") return NamedSide::kLeft;
  if (word.lower_case == "right" || word.lower_case == "rh") return NamedSide::kRight;
  return NamedSide::kNone;
}

NamedSide side_of_letter(const Word& word) {
  if (word.lower_case == "l") return NamedSide::kLeft;
  if (word.lower_case == "r") return NamedSide::kRight;
  return NamedSide::kNone;
}

struct Found {
  NamedSide side = NamedSide::kNone;
  Word word;
};

/// The first word with a side; none if another one has the other side.
template <class SideOf>
Found find_side(const std::vector<Word>& words, const SideOf& side_of) {
  Found found;
  for (const Word& word : words) {
    const NamedSide side = side_of(word);
    if (side == NamedSide::kNone || side == found.side) continue;
    if (found.side != NamedSide::kNone) return {};
    found = {side, word};
  }
  return found;
}

std::string without(std::string_view name, const Word& word) {
  std::string_view before = name.substr(0, word.begin);
  std::string_view after = name.substr(word.end);
  after.remove_prefix(std::min(after.find_first_not_of(kAfterSide), after.size()));
  if (after.empty()) before = before.substr(0, before.find_last_not_of(kBeforeSide) + 1);
  return std::string(before) + std::string(after);
}

std::string key_of(std::string_view stem) {
  std::string key;
  for (const Word& word : words_of(stem)) key += (key.empty() ? "" : " ") + word.lower_case;
  return key;
}

}  // namespace

SidedName split_sided_name(std::string_view name) {
  const auto words = words_of(name);
  bool has_word = false;
  for (const Word& word : words) has_word = has_word || side_of_word(word) != NamedSide::kNone;
  Found found;
  if (has_word) {
    found = find_side(words, side_of_word);
  } else if (!words.empty()) {
    found = find_side(std::vector<Word>{words.front(), words.back()}, side_of_letter);
  }
  SidedName sided{found.side, std::string(name), {}};
  if (found.side != NamedSide::kNone) sided.stem = without(name, found.word);
  sided.key = key_of(sided.stem);
  return sided;
}

std::string side_first(NamedSide side, const std::string& stem) {
  if (side == NamedSide::kNone) return stem;
  return (side == NamedSide::kLeft ? "left " : "right ") + stem;
}

}  // namespace hypersynth
