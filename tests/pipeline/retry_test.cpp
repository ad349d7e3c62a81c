// Which failures another attempt may mend, and what it is given.

#include "pipeline/run/retry.h"

#include <csignal>

#include <gtest/gtest.h>

namespace hypersynth::pipeline {
namespace {

constexpr std::uint64_t kGB = 1'000'000'000;

Task task_with(std::uint64_t memory_bytes, int attempt = 1) {
  Task task;
  task.needs.memory_bytes = memory_bytes;
  task.attempt = attempt;
  return task;
}

Failure killed() {
  Failure failure = make_failure(Cause::kSignal, "killed");
  failure.signal = SIGKILL;
  return failure;
}

Failure over_memory(std::uint64_t used_bytes) {
  Failure failure = make_failure(Cause::kMemory, "too much");
  failure.usage.peak_bytes = used_bytes;
  return failure;
}

TEST(RetryTest, ANodeThatAClusterLostIsTriedAgainAsItWas) {
  EXPECT_EQ(needs_of_retry(task_with(kGB), make_failure(Cause::kLost, "lost"), 0),
            task_with(kGB).needs);
}

TEST(RetryTest, ANodeIsTriedAgainOnlyOnce) {
  EXPECT_TRUE(needs_of_retry(task_with(kGB, 1), killed(), 0));
  EXPECT_FALSE(needs_of_retry(task_with(kGB, 2), killed(), 0));
}

TEST(RetryTest, WhatTheStepSaysOfItselfIsFinal) {
  for (const Cause cause : {Cause::kException, Cause::kExit, Cause::kDiskFull, Cause::kRefused,
                            Cause::kInput, Cause::kCancelled, Cause::kTimeLimit})
    EXPECT_FALSE(needs_of_retry(task_with(kGB), make_failure(cause, ""), 0)) << to_string(cause);
  Failure aborted = make_failure(Cause::kSignal, "aborted");
  aborted.signal = SIGABRT;
  EXPECT_FALSE(needs_of_retry(task_with(kGB), aborted, 0));
}

TEST(RetryTest, ANodeOverItsMemoryGetsMoreAsFarAsThereIsMore) {
  EXPECT_EQ(needs_of_retry(task_with(kGB), over_memory(kGB), 0)->memory_bytes, 4 * kGB);
  EXPECT_EQ(needs_of_retry(task_with(kGB), over_memory(3 * kGB), 0)->memory_bytes, 6 * kGB);
  EXPECT_EQ(needs_of_retry(task_with(kGB), over_memory(kGB), 2 * kGB)->memory_bytes, 2 * kGB);
  EXPECT_FALSE(needs_of_retry(task_with(2 * kGB), over_memory(3 * kGB), 2 * kGB));
}

TEST(RetryTest, ANodeThatHadTheWholeBudgetIsNotTriedWithTheSameAgain) {
  EXPECT_FALSE(needs_of_retry(task_with(0), over_memory(3 * kGB), 2 * kGB));
}

TEST(RetryTest, AKilledNodeOfUnknownNeedsIsTriedWithoutAny) {
  EXPECT_EQ(needs_of_retry(task_with(0), killed(), 2 * kGB)->memory_bytes, 0u);
}

}  // namespace
}  // namespace hypersynth::pipeline
