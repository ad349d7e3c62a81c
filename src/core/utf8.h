#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hypersynth {

// Names of files are bytes, but JSON, HTML and tables are UTF-8. Whatever goes from one to the
// other is converted here.

/// How many bytes the UTF-8 character at the start of `text` has; 0 if `text` does not start with a
/// well-formed one (Unicode 15, table 3-7). `text` must not be empty.
std::size_t utf8_length(std::string_view text);

/// Whether `bytes` consist of well-formed UTF-8 characters.
bool is_utf8(std::string_view bytes);

/// `bytes`, in which U+FFFD replaces every byte that is not part of a UTF-8 character.
std::string valid_utf8(std::string_view bytes);

/// True if the character is one of U+0080 to U+009F. Terminals obey these control characters, and
/// HTML maps them to other characters or rejects them.
bool is_c1_control(std::string_view character);

/// `text` as it may stand in an element or a quoted attribute of HTML, SVG and XML. Markup
/// characters, newlines and tabs become references. Control characters, which these languages
/// forbid, and bytes that are not UTF-8 become U+FFFD.
std::string escape_markup(std::string_view text);

}  // namespace hypersynth
