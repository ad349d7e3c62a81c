#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace hypersynth {

/// Whether a message of libtorch says that memory was short: of the allocators of the CPU and of
/// CUDA, of cuBLAS and cuDNN, and what cuDNN says where it finds no memory for any of its kernels;
/// or that a tensor was too large for an operator of CUDA.
inline bool tells_of_short_memory(std::string_view message) {
  constexpr std::array<std::string_view, 6> kWords{
      "can't allocate memory",    "out of memory",     "ALLOC_FAILED",
      "unable to find an engine", "less than INT_MAX", "32-bit index math"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view words) {
    return message.find(words) != std::string_view::npos;
  });
}

}  // namespace hypersynth
