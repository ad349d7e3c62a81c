#pragma once

#include <cstdint>
#include <string_view>

namespace hypersynth {

/// The seed of the random stream called `name` under the main seed `seed`. Each part of the
/// training takes a stream of its own, so that a change in one does not shift the random numbers of
/// another. The result is the same on every platform (SplitMix64, Steele et al. 2014, over an
/// FNV-1a hash of the name).
std::uint64_t stream_seed(std::uint64_t seed, std::string_view name);

}  // namespace hypersynth
