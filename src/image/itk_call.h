#pragma once

namespace hypersynth {

/// Makes ITK a quiet guest of this process: it prints no warnings, and every filter runs in the
/// thread that calls it. ITK's filters share their sums among as many threads as the machine has,
/// so with more than one thread results would depend on the machine.
void prepare_itk();

/// To be called where an exception is caught. Throws std::bad_alloc instead of ITK's exception for
/// missing memory, Error kInternal ("`step`: what ITK says") instead of its other ones, and what
/// was caught otherwise.
[[noreturn]] void rethrow_itk_error(const char* step);

/// Runs `call`, which uses ITK, so that no exception of ITK's leaves it. `step` is what it does,
/// for the message: "bias field".
template <class Call>
auto call_itk(const char* step, const Call& call) {
  prepare_itk();
  try {
    return call();
  } catch (...) {
    rethrow_itk_error(step);
  }
}

}  // namespace hypersynth
