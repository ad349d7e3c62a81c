#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hypersynth {

/// Appends `bytes` to `text` in base64 (RFC 4648).
void append_base64(std::string_view bytes, std::string& text);

/// The bytes of a text in base64; nothing where it is none.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace hypersynth
