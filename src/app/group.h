#pragma once

#include "app/group_options.h"

namespace hypersynth {

/// Writes the group tables and pages from all results in the output folder; returns the exit code.
int run_group_level(const GroupOptions& options);

}  // namespace hypersynth
