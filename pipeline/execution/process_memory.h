#pragma once

#include <cstdint>

#include <sys/types.h>

namespace hypersynth::pipeline {

/// Resident memory of a process and all its descendants, or 0 when it has ended. Pages that several
/// of them share are counted once for each, so that it can be too much, never too little.
std::uint64_t tree_resident_bytes(pid_t pid);

/// Peak resident memory of this process since its start.
std::uint64_t own_peak_bytes();

}  // namespace hypersynth::pipeline
