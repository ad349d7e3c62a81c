#pragma once

#include <functional>

#include "core/error.h"

namespace hypersynth {

/// The exit code of `work`; whatever it throws is told on stderr.
int exit_status_of(const std::function<int()>& work);

/// Says `text` on stderr and returns `code`.
int complain(ExitCode code, const char* text);

}  // namespace hypersynth
