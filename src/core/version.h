#pragma once

#include <string_view>

namespace hypersynth {

/// Version of this build, "major.minor.patch".
std::string_view version();

/// Web address of the source code as the build was told it (CMake's HYPERSYNTH_CODE_URL); empty
/// where it was not, and then no output names one. Written to `GeneratedBy.CodeURL`.
std::string_view code_url();

}  // namespace hypersynth
