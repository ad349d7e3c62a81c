#pragma once

#include "app/evaluate_options.h"

namespace hypersynth {

/// Scores segmentations against reference label maps, compares them with other segmentations, or
/// compares two sessions of each person; writes tables and a page into the output folder. Returns
/// the exit code.
int run_evaluate_level(const EvaluateOptions& options);

}  // namespace hypersynth
