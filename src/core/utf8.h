#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hypersynth {

// Names of files are bytes; JSON, HTML and tables are UTF-8. What goes from the one to the other
// goes through here.

/// Bytes of the well-formed UTF-8 character at the start of `text`, which is not empty; 0 where
/// there is none (Unicode 15, table 3-7).
std::size_t utf8_length(std::string_view text);

/// Whether all of `bytes` is UTF-8.
bool is_utf8(std::string_view bytes);

/// `bytes` with every byte that is not part of a UTF-8 character replaced by U+FFFD.
std::string valid_utf8(std::string_view bytes);

/// True for U+0080 to U+009F, which terminals obey and HTML maps to other characters or rejects.
bool is_c1_control(std::string_view character);

/// `text` as it may stand in an element or in a quoted attribute of HTML, SVG and XML: markup
/// characters, newlines and tabs become references; control characters, which these languages
/// forbid, and bytes that are not UTF-8 become U+FFFD.
std::string escape_markup(std::string_view text);

}  // namespace hypersynth
