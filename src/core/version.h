#pragma once

#include <string_view>

namespace hypersynth {

/// Version of this build, "major.minor.patch".
std::string_view version();

/// Where the source lives; written to `GeneratedBy.CodeURL`.
std::string_view code_url();

}  // namespace hypersynth
