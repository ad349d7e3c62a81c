// Files that processes of several containers write in one folder.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "support/temporary_dir.h"
#include "support/test_child.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

// Every container has a process 1, and many have the host name of their machine.
class ContainerTest : public testing::Test {
 protected:
  /// Runs `work` in a container of its own, or skips the test.
  static bool run(const std::function<void()>& work) {
    const int code = run_container([&] {
      if (::getpid() != 1) ::_exit(2);
      work();
    });
    EXPECT_TRUE(code == 0 || code == kNoContainer) << code;
    return code != kNoContainer;
  }

  std::string content() const {
    std::ifstream stream(dir / "x");
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()));
  }

  const TemporaryDir dir;
};

TEST_F(ContainerTest, LeavesAloneWhatAProcessOutsideWrites) {
  AtomicFile file(dir / "x");
  file.write("outside");
  if (!run([&] {
        remove_abandoned(dir.path().string());
        write_atomically(dir / "x", "inside");
      }))
    GTEST_SKIP() << "this machine allows no PID namespace";
  EXPECT_EQ(content(), "inside");
  file.commit();
  EXPECT_EQ(content(), "outside");
}

TEST_F(ContainerTest, WhatAKilledOneLeftStopsNoneThatFollows) {
  const auto killed = [&] {
    AtomicFile file(dir / "x");
    file.write("half");
    ::_exit(0);
  };
  if (!run(killed)) GTEST_SKIP() << "this machine allows no PID namespace";
  EXPECT_EQ(files(), 1u);
  run(killed);
  run([&] { write_atomically(dir / "x", "whole"); });
  EXPECT_EQ(content(), "whole");
  EXPECT_EQ(files(), 1u);
}

TEST_F(ContainerTest, TwoThatWriteOneFileAtOnceDoNotMix) {
  const auto inner = [&] { write_atomically(dir / "x", "inner"); };
  const bool possible = run([&] {
    AtomicFile file(dir / "x");
    file.write("ou");
    if (run_container(inner) != 0) ::_exit(3);
    file.write("ter");
    file.commit();
  });
  if (!possible) GTEST_SKIP() << "this machine allows no PID namespace";
  EXPECT_EQ(content(), "outer");
}

}  // namespace
}  // namespace hypersynth
