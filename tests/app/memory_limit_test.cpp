// Which limit of memory counts, told by files as the kernel writes them.

#include "app/memory_limit.h"

#include <filesystem>
#include <fstream>
#include <stdlib.h>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

constexpr std::uint64_t kGiB = 1ULL << 30;

class MemoryLimitTest : public testing::Test {
 protected:
  MemoryLimitTest() {
    write("proc/meminfo", "MemTotal:       16777216 kB\nMemFree:         1000 kB\n");
    for (const char* name : {"SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU", "SLURM_CPUS_ON_NODE"})
      ::unsetenv(name);
  }

  void write(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = root.path() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  MemoryLimit limit() const { return machine_memory(root.path().string()); }

  TemporaryDir root;
};

TEST_F(MemoryLimitTest, TheMachinesMemoryIsTheLimitWhereNothingElseIs) {
  EXPECT_EQ(limit().bytes, 16 * kGiB);
  EXPECT_EQ(limit().source, "this machine");
}

TEST_F(MemoryLimitTest, AGroupsLimitAboveTheOwnGroupCounts) {
  write("proc/self/cgroup", "0::/user.slice/job\n");
  write("sys/fs/cgroup/user.slice/job/memory.max", "max\n");
  write("sys/fs/cgroup/user.slice/memory.max", "3221225472\n");
  EXPECT_EQ(limit().bytes, 3 * kGiB);
  EXPECT_NE(limit().source.find("user.slice"), std::string::npos) << limit().source;
}

TEST_F(MemoryLimitTest, TheLeastOfAGroupAndThoseAboveItCounts) {
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/memory.max", "1073741824\n");
  write("sys/fs/cgroup/a/memory.max", "2147483648\n");
  EXPECT_EQ(limit().bytes, kGiB);
}

TEST_F(MemoryLimitTest, InAContainerTheGroupIsTheRootOfWhatItSees) {
  write("proc/self/cgroup", "0::/docker/0123456789\n");
  write("sys/fs/cgroup/memory.max", "2147483648\n");
  EXPECT_EQ(limit().bytes, 2 * kGiB);
}

TEST_F(MemoryLimitTest, TheMemoryControllerOfVersion1IsFoundAmongOthers) {
  write("proc/self/cgroup", "9:name=systemd:/x\n4:cpuset,memory:/jobs/1\n0::/\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("sys/fs/cgroup/memory/jobs/1/memory.limit_in_bytes", "1073741824\n");
  EXPECT_EQ(limit().bytes, kGiB);
}

TEST_F(MemoryLimitTest, AJobOfGridEngineHasTheAddressesThatItMayUse) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_AS, &before), 0);
  if (before.rlim_max < 8 * kGiB) GTEST_SKIP() << "addresses are limited already";
  const rlimit lower{8 * kGiB, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &lower), 0);
  const auto found = limit();
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &before), 0);
  EXPECT_EQ(found.bytes, 8 * kGiB);
  EXPECT_NE(found.source.find("ulimit -v"), std::string::npos);
}

TEST_F(MemoryLimitTest, AJobHasWhatSlurmGaveIt) {
  ::setenv("SLURM_MEM_PER_CPU", "2048", 1);
  ::setenv("SLURM_CPUS_ON_NODE", "3", 1);
  EXPECT_EQ(limit().bytes, 6 * kGiB);
  EXPECT_EQ(limit().source, "SLURM_MEM_PER_CPU");
  ::setenv("SLURM_MEM_PER_NODE", "4096", 1);
  EXPECT_EQ(limit().bytes, 4 * kGiB);
  ::setenv("SLURM_MEM_PER_NODE", "0", 1);  // all that the node has
  ::unsetenv("SLURM_MEM_PER_CPU");
  EXPECT_EQ(limit().bytes, 16 * kGiB);
}

}  // namespace
}  // namespace hypersynth
