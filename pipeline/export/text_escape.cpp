#include "pipeline/export/text_escape.h"

#include <vector>

#include "core/utf8.h"

namespace hypersynth::pipeline {
namespace {

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

}  // namespace

std::string dot_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : valid_utf8(text)) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted += c == '\0' ? ' ' : c;
    }
  }
  return quoted + '"';
}

std::size_t character_count(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += starts_character(c) ? 1 : 0;
  return count;
}

std::string elided(std::string_view text, std::size_t limit) {
  const std::string valid = valid_utf8(text);
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    if (starts_character(valid[i])) starts.push_back(i);
  }
  if (starts.size() <= limit) return valid;
  const std::size_t head = limit / 2;
  const std::size_t tail = limit - 1 - head;
  return valid.substr(0, starts[head]) + "\xe2\x80\xa6" +
         (tail == 0 ? std::string() : valid.substr(starts[starts.size() - tail]));
}

}  // namespace hypersynth::pipeline
