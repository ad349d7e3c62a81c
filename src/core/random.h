#pragma once

#include <cstdint>
#include <string_view>

namespace hypersynth {

/// The seed of the stream called `name` under `seed`: independent streams from one seed, the same
/// on every platform (SplitMix64, Steele et al. 2014, over an FNV-1a hash of the name).
std::uint64_t stream_seed(std::uint64_t seed, std::string_view name);

}  // namespace hypersynth
