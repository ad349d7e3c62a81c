#pragma once

#include <functional>

#include "engine/synthesis/synthesis.h"
#include "engine/training/training.h"
#include "engine/training/training_example.h"

namespace hypersynth {

/// Whether the engine's libtorch can use a GPU: not where it was built without CUDA. Throws Error
/// kInternal where the engine's library cannot be opened.
bool engine_has_cuda();

// train(), synthesise() and training_example() for a program that is not linked to libtorch: the
// first call opens the engine's library. They throw what those throw, Error kInternal where the
// library cannot be opened or libtorch fails, and OutOfMemory. `threads`: of the CPU; 0: as many as
// libtorch chooses.

TrainingResult train_in_engine(const TrainingOptions& options, const Log& log,
                               const std::function<bool()>& interrupted, int threads = 0);

SyntheticPair synthesise_in_engine(const PackedVolume& map, const LabelTable& table,
                                   const SynthesisOptions& options, std::uint64_t seed, int number);

SyntheticPair training_example_in_engine(const TrainingOptions& options,
                                         const std::vector<SynthesisParameter>& parameters,
                                         ExampleMoment moment, std::uint64_t seed);

}  // namespace hypersynth
