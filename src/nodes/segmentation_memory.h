#pragma once

#include <cstdint>

#include "image/volume.h"

namespace hypersynth {

/// Peak memory of the process that segments an image of this grid on the CPU with the default model
/// at 1 mm, bytes; `slab_bytes` as in InferenceOptions. An upper bound, fitted to measured peaks.
std::uint64_t segmentation_memory_bytes(const Grid& source, std::int64_t slab_bytes);

/// The same for any other step of an image.
std::uint64_t light_step_memory_bytes(const Grid& source);

}  // namespace hypersynth
