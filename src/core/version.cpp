#include "core/version.h"

namespace hypersynth {

std::string_view version() { return HYPERSYNTH_VERSION; }

std::string_view code_url() { return HYPERSYNTH_CODE_URL; }

}  // namespace hypersynth
