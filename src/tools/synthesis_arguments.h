#pragma once

#include "engine/synthesis/synthesis_options.h"
#include "tools/command_line.h"

namespace hypersynth {

/// Adds every option of the generative model, under a heading of its own.
void add_synthesis_arguments(CommandLine& line, SynthesisOptions& options);

}  // namespace hypersynth
