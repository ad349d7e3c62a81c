#pragma once

#include <new>
#include <string>

#include <c10/util/Exception.h>

#include "engine/training/training.h"

namespace hypersynth {

/// Calls `body`; what libtorch throws becomes an error of this project.
template <typename Body>
auto with_own_errors(const Body& body) -> decltype(body()) {
  try {
    return body();
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    // Of the allocators of the CPU and of CUDA, and of cuBLAS and cuDNN.
    for (const char* words : {"can't allocate memory", "out of memory", "ALLOC_FAILED"}) {
      if (message.find(words) != std::string::npos) throw OutOfMemory(message);
    }
    throw Error(ExitCode::kInternal, message);
  } catch (const std::bad_alloc&) {
    throw OutOfMemory("out of memory");
  }
}

}  // namespace hypersynth
