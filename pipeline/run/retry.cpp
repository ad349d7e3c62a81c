#include "pipeline/run/retry.h"

#include <algorithm>
#include <csignal>

namespace hypersynth::pipeline {
namespace {

/// A node that fails twice in a row has a reason for it.
constexpr int kMostAttempts = 2;

}  // namespace

std::optional<Resources> needs_of_retry(const Task& task, const Failure& failure,
                                        std::uint64_t most_memory_bytes) {
  const bool over_memory = failure.cause == Cause::kMemory;
  const bool killed = failure.cause == Cause::kSignal && failure.signal == SIGKILL;
  if (task.attempt >= kMostAttempts) return std::nullopt;
  if (!killed && !over_memory && failure.cause != Cause::kLost) return std::nullopt;
  Resources needs = task.needs;
  if (over_memory || (killed && needs.memory_bytes != 0)) {
    const std::uint64_t used_bytes = failure.usage.peak_bytes.value_or(0);
    std::uint64_t more_bytes = std::max(4 * needs.memory_bytes, 2 * used_bytes);
    if (most_memory_bytes != 0) more_bytes = std::min(more_bytes, most_memory_bytes);
    const std::uint64_t had_bytes =
        needs.memory_bytes != 0 ? needs.memory_bytes : most_memory_bytes;
    if (over_memory && more_bytes <= had_bytes) return std::nullopt;
    needs.memory_bytes = more_bytes;
  }
  return needs;
}

}  // namespace hypersynth::pipeline
