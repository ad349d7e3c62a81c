#include <new>
#include <string>

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>

#include "core/error.h"
#include "engine/synthesis/synthesis.h"
#include "engine/training/training.h"

namespace hypersynth {
namespace {

/// Calls `body`; what libtorch throws becomes an error of this project.
template <class Body>
void translated(const Body& body) {
  try {
    body();
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    for (const char* words : {"out of memory", "can't allocate memory"}) {
      if (message.find(words) != std::string::npos) throw OutOfMemory(message);
    }
    throw Error(ExitCode::kInternal, message);
  } catch (const std::bad_alloc&) {
    throw OutOfMemory("out of memory");
  }
}

}  // namespace
}  // namespace hypersynth

// Entry points of the shared library, see training_loader.cpp.

extern "C" void hypersynth_train(const hypersynth::TrainingOptions& options,
                                 const hypersynth::Log& log,
                                 const std::function<bool()>& interrupted, int threads,
                                 hypersynth::TrainingResult& result) {
  hypersynth::translated([&] {
    if (threads > 0) at::set_num_threads(threads);
    result = hypersynth::train(options, log, interrupted);
  });
}

extern "C" void hypersynth_synthesise(const hypersynth::PackedVolume& map,
                                      const hypersynth::LabelTable& table,
                                      const hypersynth::SynthesisOptions& options,
                                      std::uint64_t seed, int number,
                                      hypersynth::SyntheticPair& pair) {
  hypersynth::translated([&] { pair = hypersynth::synthesise(map, table, options, seed, number); });
}
