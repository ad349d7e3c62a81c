#pragma once

#include <string>
#include <string_view>

namespace hypersynth::pipeline {

/// `text` with what is not UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

/// `text` as it stands in XML text and attributes; what XML 1.0 forbids becomes U+FFFD.
std::string xml_escaped(std::string_view text);

/// `text` as a quoted string of Graphviz's language.
std::string dot_quoted(std::string_view text);

/// Characters (code points) of UTF-8 text.
std::size_t character_count(std::string_view text);

/// `text` with its middle left out where it has more than `limit` characters (at least 2).
std::string elided(std::string_view text, std::size_t limit);

}  // namespace hypersynth::pipeline
