// CPU, memory and GPU slots.

#include "pipeline/graph/resources.h"

#include <mutex>
#include <rapidcheck.h>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Needs rapidcheck.h first.
#include <rapidcheck/gtest.h>

#include "pipeline/execution/local_executor.h"
#include "pipeline/sample_nodes.h"

namespace hypersynth::pipeline {
namespace {

using ::testing::Contains;
using ::testing::Pair;

RC_GTEST_PROP(ResourcePoolProperty, WhatIsHandedOutNeverExceedsTheLimits, ()) {
  ResourceLimits limits;
  limits.cpus = *rc::gen::inRange(1, 6);
  limits.memory_bytes = *rc::gen::inRange<std::uint64_t>(0, 10);
  const int shares = *rc::gen::inRange(1, 4);
  for (int gpu = 1; gpu < *rc::gen::inRange(1, 5); ++gpu)
    limits.gpu_ids.insert(limits.gpu_ids.end(), static_cast<std::size_t>(shares), gpu);
  ResourcePool pool(limits);
  std::vector<Slots> held;
  for (int step = 0; step < 40; ++step) {
    if (!held.empty() && *rc::gen::inRange(0, 3) == 0) {
      pool.give_back(held.back());
      held.pop_back();
      continue;
    }
    const Resources needs{*rc::gen::inRange(1, 8), *rc::gen::inRange<std::uint64_t>(0, 12),
                          *rc::gen::inRange(0, 5)};
    const auto slots = pool.take(needs);
    if (held.empty()) RC_ASSERT(slots.has_value() == !pool.refusal(needs).has_value());
    if (slots) held.push_back(*slots);
    if (slots) {
      RC_ASSERT(static_cast<int>(slots->gpu_ids.size()) == needs.gpus);
      RC_ASSERT(std::set<int>(slots->gpu_ids.begin(), slots->gpu_ids.end()).size() ==
                slots->gpu_ids.size());
    }
    int cpus = 0;
    std::uint64_t memory_bytes = 0;
    std::multiset<int> gpus;
    for (const Slots& slot : held) {
      cpus += slot.cpus;
      memory_bytes += slot.memory_bytes;
      gpus.insert(slot.gpu_ids.begin(), slot.gpu_ids.end());
    }
    RC_ASSERT(cpus <= limits.cpus);
    RC_ASSERT(limits.memory_bytes == 0u || memory_bytes <= limits.memory_bytes);
    for (const int gpu : gpus) RC_ASSERT(static_cast<int>(gpus.count(gpu)) <= shares);
  }
  for (const Slots& slots : held) pool.give_back(slots);
  RC_ASSERT(pool.free().cpus == limits.cpus);
  RC_ASSERT(pool.free().memory_bytes == limits.memory_bytes);
  RC_ASSERT(pool.free().gpu_ids == limits.gpu_ids);
}

TEST(ResourcePoolTest, ASharedGpuIsGivenToAsManyNodesAsItStandsForAndTheIdlestFirst) {
  ResourcePool pool({8, 0, {0, 0, 4, 4}});
  std::vector<int> given;
  for (int node = 0; node < 4; ++node) given.push_back(pool.take({1, 0, 1})->gpu_ids.front());
  EXPECT_EQ(given, (std::vector<int>{0, 4, 0, 4}));
  EXPECT_FALSE(pool.take({1, 0, 1}).has_value());
  EXPECT_TRUE(pool.refusal({1, 0, 3}).has_value()) << "there are two, however they are shared";
}

/// Notes which slots nodes hold at the same time.
struct Ledger {
  std::mutex mutex;
  int cpus = 0;
  std::uint64_t memory_bytes = 0;
  std::multiset<int> gpus;
  int most_cpus = 0;
  std::uint64_t most_memory_bytes = 0;
  bool gpu_shared = false;
  std::set<int> gpus_seen;
};

struct Occupy {
  struct Inputs {
    int number = 0;
  };
  struct Outputs {
    int number = 0;
  };
  static constexpr std::tuple inputs{Port{"number", &Inputs::number}};
  static constexpr std::tuple outputs{Port{"number", &Outputs::number}};
  static constexpr std::string_view version = "1";

  std::shared_ptr<Ledger> ledger;

  Outputs run(const Inputs& in, NodeContext& context) const {
    const Slots& slots = context.slots();
    {
      const std::lock_guard lock(ledger->mutex);
      ledger->cpus += slots.cpus;
      ledger->memory_bytes += slots.memory_bytes;
      ledger->gpus.insert(slots.gpu_ids.begin(), slots.gpu_ids.end());
      ledger->gpus_seen.insert(slots.gpu_ids.begin(), slots.gpu_ids.end());
      ledger->most_cpus = std::max(ledger->most_cpus, ledger->cpus);
      ledger->most_memory_bytes = std::max(ledger->most_memory_bytes, ledger->memory_bytes);
      for (const int gpu : ledger->gpus)
        ledger->gpu_shared = ledger->gpu_shared || ledger->gpus.count(gpu) > 1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const std::lock_guard lock(ledger->mutex);
    ledger->cpus -= slots.cpus;
    ledger->memory_bytes -= slots.memory_bytes;
    for (const int gpu : slots.gpu_ids) ledger->gpus.erase(ledger->gpus.find(gpu));
    return {in.number};
  }
};

TEST(SlotsTest, RunningNodesShareCpusMemoryAndGpusWithinTheLimits) {
  const TemporaryFolder folder;
  const auto ledger = std::make_shared<Ledger>();
  Workflow workflow("slots");
  for (int i = 0; i < 30; ++i) {
    NodeOptions needs;
    needs.resources = {1 + i % 3, static_cast<std::uint64_t>(1 + i % 4), i % 2};
    workflow.add_with(Occupy{ledger}, "node" + std::to_string(i), {i}, needs);
  }
  RunOptions options = options_for(folder);
  options.limits = {4, 6, {3, 5}};
  ASSERT_TRUE(run(workflow, options).ok());
  EXPECT_LE(ledger->most_cpus, 4);
  EXPECT_GT(ledger->most_cpus, 2);
  EXPECT_LE(ledger->most_memory_bytes, 6u);
  EXPECT_FALSE(ledger->gpu_shared);
  for (const int gpu : ledger->gpus_seen) EXPECT_TRUE(gpu == 3 || gpu == 5);
}

TEST(SlotsTest, NumericalLibrariesAreToldTheThreadsAndTheGpus) {
  ::unsetenv("CUDA_VISIBLE_DEVICES");
  const auto plain = slot_environment({3, 0, {1, 2}}, true);
  EXPECT_THAT(plain, Contains(Pair("OMP_NUM_THREADS", "3")));
  EXPECT_THAT(plain, Contains(Pair("ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS", "3")));
  EXPECT_THAT(plain, Contains(Pair("CUDA_VISIBLE_DEVICES", "1,2")));
  EXPECT_THAT(slot_environment({1, 0, {}}, true), Contains(Pair("CUDA_VISIBLE_DEVICES", "")));
  ::setenv("CUDA_VISIBLE_DEVICES", "GPU-abc,GPU-def", 1);
  EXPECT_THAT(slot_environment({1, 0, {1}}, true),
              Contains(Pair("CUDA_VISIBLE_DEVICES", "GPU-def")));
  ::unsetenv("CUDA_VISIBLE_DEVICES");
}

}  // namespace
}  // namespace hypersynth::pipeline
