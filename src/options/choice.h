#pragma once

#include <stdexcept>
#include <string>

namespace hypersynth {

/// One value of an enumeration and the word for it on a command line.
template <class E>
struct Choice {
  E value;
  const char* word;
};

/// All words of an enumeration, in the order in which --help lists them. It is specialised beside
/// the enumeration:
///   template <>
///   struct Choices<Norm> {
///     static constexpr Choice<Norm> kAll[] = {{Norm::kNone, "none"}, {Norm::kBatch, "batch"}};
///   };
template <class E>
struct Choices;

template <class E>
std::string word_of(E value) {
  for (const auto& choice : Choices<E>::kAll) {
    if (choice.value == value) return choice.word;
  }
  throw std::logic_error("an enumeration has a value without a word");
}

/// The words with `separator` between them.
template <class E>
std::string words_of(const std::string& separator) {
  std::string text;
  for (const auto& choice : Choices<E>::kAll) text += (text.empty() ? "" : separator) + choice.word;
  return text;
}

/// The value called `text`; throws std::invalid_argument that names another word, and all there
/// are.
template <class E>
E parse_word(const std::string& text) {
  for (const auto& choice : Choices<E>::kAll) {
    if (text == choice.word) return choice.value;
  }
  throw std::invalid_argument("expected one of " + words_of<E>(", ") + ", found '" + text + "'");
}

}  // namespace hypersynth
