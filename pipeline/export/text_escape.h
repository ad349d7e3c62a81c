#pragma once

#include <string>
#include <string_view>

namespace hypersynth::pipeline {

/// `text` as a quoted string of Graphviz's language.
std::string dot_quoted(std::string_view text);

/// Characters (code points) of UTF-8 text.
std::size_t character_count(std::string_view text);

/// `text` with its middle left out where it has more than `limit` characters (at least 2).
std::string elided(std::string_view text, std::size_t limit);

}  // namespace hypersynth::pipeline
