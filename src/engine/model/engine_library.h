#pragma once

#include "core/own_library.h"

namespace hypersynth {

/// What needs libtorch: other networks than the default one, GPUs and training.
inline OwnLibrary engine_library() {
  return {"libhypersynth_engine.so", "the libtorch engine",
          "; docs/gpu.md says how to add it to an installation without libtorch"};
}

}  // namespace hypersynth
