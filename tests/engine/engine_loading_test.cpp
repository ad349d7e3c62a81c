// A program that is not linked to libtorch, as `hypersynth` is not.

#include <cstdio>
#include <dlfcn.h>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "core/error.h"
#include "engine/training/training_loader.h"
#include "engine/training_fixture.h"
#include "support/temporary_dir.h"
#include "support/test_child.h"

namespace hypersynth {
namespace {

bool is_loaded(const char* library) {
  return ::dlopen(library, RTLD_NOLOAD | RTLD_LAZY | RTLD_LOCAL) != nullptr;
}

constexpr int kOutOfMemory = 10, kOtherError = 11;

/// Runs `work` in a child process that may address less than one tensor of 4096^3 bytes needs, so
/// that it fails at the first, and enough for all libraries.
int run_with_little_memory(const std::function<void()>& work) {
  return run_child([&] {
    const rlim_t bytes = rlim_t{60} << 30;
    const rlimit limit{bytes, bytes};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) ::_exit(kOtherError + 1);
    try {
      work();
    } catch (const OutOfMemory& error) {
      ::_exit(error.code() == ExitCode::kInternal && std::string(error.what()).size() > 5
                  ? kOutOfMemory
                  : kOtherError);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      ::_exit(kOtherError);
    }
  });
}

// First, and each in a process of its own: this one has no threads of libtorch yet.
TEST(EngineLoadingTest, AStepThatNeedsMoreMemoryThanThereIsSaysSo) {
  const TemporaryDir folder;
  auto options = small_training(folder.path(), "out");
  options.synthesis.patch = {4096, 4096, 4096};
  ASSERT_FALSE(is_loaded("libtorch_cpu.so"));
  EXPECT_EQ(run_with_little_memory([&] { train_in_engine(options, {}, {}); }), kOutOfMemory);
  const auto packed = PackedData::open(options.data);
  EXPECT_EQ(run_with_little_memory([&] {
              synthesise_in_engine(packed.label_maps()[0], packed.table(), options.synthesis, 1, 1);
            }),
            kOutOfMemory);
}

TEST(EngineLoadingTest, TrainsAndPassesOnWhatTheEngineThrows) {
  const TemporaryDir folder;
  auto options = small_training(folder.path(), "out");
  options.steps = 2;
  EXPECT_EQ(train_in_engine(options, {}, {}).steps, 2);
  EXPECT_TRUE(is_loaded("libtorch_cpu.so"));
  options.batch_size = 3;
  try {
    train_in_engine(options, {}, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_NE(std::string(error.what()).find("batch_size was 2 and is 3"), std::string::npos);
  }
  options.resume = false;
  options.data = folder / "absent.pack";
  try {
    train_in_engine(options, {}, {});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.path(), options.data);
    EXPECT_EQ(error.code(), ExitCode::kInputMissing);
  }
  struct Killed {};
  options.data = write_small_pack(folder.path()).string();
  EXPECT_THROW(train_in_engine(options, {}, []() -> bool { throw Killed(); }), Killed);
  const auto packed = PackedData::open(options.data);
  auto odd = options.synthesis;
  odd.patch = {4};
  EXPECT_THROW(synthesise_in_engine(packed.label_maps()[0], packed.table(), odd, 1, 1),
               std::invalid_argument);
}

}  // namespace
}  // namespace hypersynth
