#pragma once

#include <string_view>

namespace hypersynth {

/// The version of this build, "major.minor.patch".
std::string_view version();

/// The web address of the source code, as given to the build by CMake's HYPERSYNTH_CODE_URL. It
/// goes into `GeneratedBy.CodeURL`, the methods text and the pages. Empty if the build was given
/// none; then no output names one.
std::string_view code_url();

}  // namespace hypersynth
