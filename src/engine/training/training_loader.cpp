#include "engine/training/training_loader.h"

#include "engine/model/engine_library.h"

namespace hypersynth {
namespace {

template <class Function>
Function* entry_point(const char* name) {
  return reinterpret_cast<Function*>(symbol_of(engine_library(), name));
}

}  // namespace

bool engine_has_cuda() { return entry_point<bool()>("hypersynth_has_cuda")(); }

TrainingResult train_in_engine(const TrainingOptions& options, const Log& log,
                               const std::function<bool()>& interrupted, int threads) {
  using Train =
      void(const TrainingOptions&, const Log&, const std::function<bool()>&, int, TrainingResult&);
  TrainingResult result;
  entry_point<Train>("hypersynth_train")(options, log, interrupted, threads, result);
  return result;
}

SyntheticPair synthesise_in_engine(const PackedVolume& map, const LabelTable& table,
                                   const SynthesisOptions& options, std::uint64_t seed,
                                   int number) {
  using Synthesise = void(const PackedVolume&, const LabelTable&, const SynthesisOptions&,
                          std::uint64_t, int, SyntheticPair&);
  SyntheticPair pair;
  entry_point<Synthesise>("hypersynth_synthesise")(map, table, options, seed, number, pair);
  return pair;
}

SyntheticPair training_example_in_engine(const TrainingOptions& options,
                                         const std::vector<SynthesisParameter>& parameters,
                                         ExampleMoment moment, std::uint64_t seed) {
  using Example = void(const TrainingOptions&, const std::vector<SynthesisParameter>&,
                       ExampleMoment, std::uint64_t, SyntheticPair&);
  SyntheticPair pair;
  entry_point<Example>("hypersynth_training_example")(options, parameters, moment, seed, pair);
  return pair;
}

}  // namespace hypersynth
