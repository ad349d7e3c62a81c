#pragma once

#include <cstddef>
#include <string_view>

namespace hypersynth {

/// Bytes of the well-formed UTF-8 character at the start of `text`, which is not empty; 0 where
/// there is none (Unicode 15, table 3-7).
std::size_t utf8_length(std::string_view text);

/// True for U+0080 to U+009F, which terminals obey and HTML maps to other characters or rejects.
bool is_c1_control(std::string_view character);

}  // namespace hypersynth
