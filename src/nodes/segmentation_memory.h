#pragma once

#include <cstdint>

#include "engine/model/manifest.h"
#include "image/volume.h"

namespace hypersynth {

/// The peak memory, in bytes, of a process that segments an image of this grid with `model` on the
/// CPU. `slab_bytes` is that of InferenceOptions. This is an upper bound that was fitted to
/// measured peaks. It decides how many images may be segmented at once.
std::uint64_t segmentation_memory_bytes(const Grid& source, const ModelManifest& model,
                                        std::int64_t slab_bytes);

/// The same for a process that runs any other step of an image.
std::uint64_t light_step_memory_bytes(const Grid& source);

}  // namespace hypersynth
