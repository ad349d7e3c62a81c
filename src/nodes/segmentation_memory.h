#pragma once

#include <cstdint>

#include "image/volume.h"

namespace hypersynth {

/// The peak memory, in bytes, of a process that segments an image of this grid on the CPU with the
/// default model at 1 mm. `slab_bytes` is that of InferenceOptions. This is an upper bound that was
/// fitted to measured peaks. It decides how many images may be segmented at once.
std::uint64_t segmentation_memory_bytes(const Grid& source, std::int64_t slab_bytes);

/// The same for a process that runs any other step of an image.
std::uint64_t light_step_memory_bytes(const Grid& source);

}  // namespace hypersynth
