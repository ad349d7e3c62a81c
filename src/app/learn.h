#pragma once

#include "app/learn_options.h"

namespace hypersynth {

/// Runs the learn level: trains the candidates, scores them on held-out people, and writes the best
/// model, its tables and its page. Returns the exit code.
int run_learn_level(const LearnOptions& options);

}  // namespace hypersynth
