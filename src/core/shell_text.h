#pragma once

#include <string>

namespace hypersynth {

/// `word` as a POSIX shell reads it back.
std::string shell_quoted(const std::string& word);

}  // namespace hypersynth
