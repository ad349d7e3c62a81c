#pragma once

#include <cstdint>
#include <vector>

#include "engine/model/manifest.h"
#include "engine/synthesis/synthesis.h"
#include "engine/training/training_options.h"

namespace hypersynth {

/// At which point of a training an example is made.
enum class ExampleMoment { kStart, kEnd };

/// A synthetic image of a whole head as a training with these options saw it. `parameters` are
/// those of its model file (TrainingFacts::synthesis): their values at the start or at the end are
/// used; those that are recorded by name alone have the values of a fresh start. The same `seed`
/// gives the same head, deformation and random numbers at both moments. Throws as train() does.
SyntheticPair training_example(const TrainingOptions& options,
                               const std::vector<SynthesisParameter>& parameters,
                               ExampleMoment moment, std::uint64_t seed);

}  // namespace hypersynth
