#pragma once

#include <cstdint>
#include <optional>

#include "pipeline/execution/task.h"

namespace hypersynth::pipeline {

/// With which needs a node is tried again after its attempt `task` failed, or nothing where it is
/// not. Only what another attempt may mend is tried again, and only once:
/// - it was killed by SIGKILL, which the kernel sends where memory runs out, or a cluster lost it:
///   it may have been the fault of others;
/// - it used more memory than its node may: it is tried with more, if there is more to be had.
///   `most_memory_bytes` limits that; 0: not limited.
std::optional<Resources> needs_of_retry(const Task& task, const Failure& failure,
                                        std::uint64_t most_memory_bytes);

}  // namespace hypersynth::pipeline
