#pragma once

#include <string>
#include <string_view>

namespace hypersynth {

/// Appends `bytes` to `text` in base64 (RFC 4648).
void append_base64(std::string_view bytes, std::string& text);

}  // namespace hypersynth
