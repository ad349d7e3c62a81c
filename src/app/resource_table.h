#pragma once

#include <string>

#include "pipeline/run.h"

namespace hypersynth {

/// A table with one row per node: node, state, started, wall_s, cpu_s, peak_bytes; "n/a" where
/// something is not known. A cached node has the figures of the run that made it.
std::string resource_table(const pipeline::RunReport& report);

}  // namespace hypersynth
