#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include "engine/synthesis/synthesis.h"
#include "engine/training/torch_errors.h"
#include "engine/training/training.h"
#include "engine/training/training_example.h"

// Entry points of the shared library, see training_loader.cpp.

extern "C" void hypersynth_train(const hypersynth::TrainingOptions& options,
                                 const hypersynth::Log& log,
                                 const std::function<bool()>& interrupted, int threads,
                                 hypersynth::TrainingResult& result) {
  if (threads > 0) at::set_num_threads(threads);
  result = hypersynth::train(options, log, interrupted);
}

extern "C" bool hypersynth_has_cuda() { return at::globalContext().hasCUDA(); }

extern "C" void hypersynth_synthesise(const hypersynth::PackedVolume& map,
                                      const hypersynth::LabelTable& table,
                                      const hypersynth::SynthesisOptions& options,
                                      std::uint64_t seed, int number,
                                      hypersynth::SyntheticPair& pair) {
  pair = hypersynth::with_own_errors(
      [&] { return hypersynth::synthesise(map, table, options, seed, number); });
}

extern "C" void hypersynth_training_example(
    const hypersynth::TrainingOptions& options,
    const std::vector<hypersynth::SynthesisParameter>& parameters, hypersynth::ExampleMoment moment,
    std::uint64_t seed, hypersynth::SyntheticPair& pair) {
  pair = hypersynth::training_example(options, parameters, moment, seed);
}
