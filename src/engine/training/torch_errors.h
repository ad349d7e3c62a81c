#pragma once

#include <new>
#include <string>

#include <c10/util/Exception.h>

#include "engine/networks/short_memory.h"
#include "engine/training/training.h"

namespace hypersynth {

/// Calls `body`; what libtorch throws becomes an error of this project.
template <typename Body>
auto with_own_errors(const Body& body) -> decltype(body()) {
  try {
    return body();
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    if (tells_of_short_memory(message)) throw OutOfMemory(message);
    throw Error(ExitCode::kInternal, message);
  } catch (const std::bad_alloc&) {
    throw OutOfMemory("out of memory");
  }
}

}  // namespace hypersynth
