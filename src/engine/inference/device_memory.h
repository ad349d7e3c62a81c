#pragma once

#include <cstdint>

#include <c10/core/Device.h>

#include "engine/model/architecture.h"

namespace hypersynth {

/// Memory of a GPU in bytes.
struct GpuMemory {
  std::int64_t free = 0;
  std::int64_t all = 0;
};

/// As the CUDA library says that libtorch has loaded; zeros where there is none.
GpuMemory gpu_memory(c10::Device device);

/// The most voxels that a 3-D network could take at once in so many bytes: those for whose largest
/// layers they suffice, numbers of the convolutions being `number_bytes` long. Fewer may still not
/// fit, since a library of convolutions takes memory as well. At least 1.
std::int64_t most_voxels_in(std::int64_t bytes, const Architecture& architecture,
                            std::int64_t number_bytes);

}  // namespace hypersynth
