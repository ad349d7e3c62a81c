#include "engine/inference/device_memory.h"

#include <algorithm>
#include <cstddef>
#include <dlfcn.h>
#include <variant>

#include <c10/core/DeviceGuard.h>

namespace hypersynth {

GpuMemory gpu_memory(c10::Device device) {
  // libtorch for CPUs has no such function, and this library is built against either.
  using MemGetInfo = int (*)(std::size_t*, std::size_t*);
  const auto ask = reinterpret_cast<MemGetInfo>(dlsym(RTLD_DEFAULT, "cudaMemGetInfo"));
  if (ask == nullptr || !device.is_cuda()) return {};
  const c10::DeviceGuard guard(device);
  std::size_t free = 0, all = 0;
  if (ask(&free, &all) != 0) return {};
  return {static_cast<std::int64_t>(free), static_cast<std::int64_t>(all)};
}

std::int64_t most_voxels_in(std::int64_t bytes, const Architecture& architecture,
                            std::int64_t number_bytes) {
  // Logits, and the posteriors made of them, which are float32.
  const std::int64_t last =
      classes_of(architecture) * (number_bytes + static_cast<std::int64_t>(sizeof(float)));
  // A convolution of the finest features: those in and those out, in a decoder twice as many in.
  const std::int64_t times = std::holds_alternative<DilatedNetOptions>(architecture) ? 2 : 3;
  const std::int64_t finest = times * finest_features_of(architecture) * number_bytes;
  return std::max<std::int64_t>(1, bytes / std::max(last, finest));
}

}  // namespace hypersynth
