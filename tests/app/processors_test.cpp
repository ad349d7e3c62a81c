// Which limit of processors counts, told by files as the kernel writes them.

#include "app/processors.h"

#include <filesystem>
#include <fstream>
#include <sched.h>
#include <stdlib.h>

#include <gtest/gtest.h>

#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

class ProcessorsTest : public testing::Test {
 protected:
  ProcessorsTest() { forget_job(); }
  ~ProcessorsTest() override { forget_job(); }

  static void forget_job() {
    for (const char* name :
         {"SLURM_JOB_ID", "SLURM_CPUS_PER_TASK", "PBS_JOBID", "NCPUS", "JOB_ID", "NSLOTS"})
      ::unsetenv(name);
  }

  void write(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = root.path() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  int found() const { return machine_processors(root.path().string()); }

  static int allowed() {
    cpu_set_t set;
    CPU_ZERO(&set);
    return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  }

  TemporaryDir root;
};

TEST_F(ProcessorsTest, WithoutLimitsTheyAreThoseThatTheProcessMayRunOn) {
  EXPECT_EQ(found(), allowed());
  write("proc/self/cgroup", "0::/job\n3:cpu,cpuacct:/job\n");
  write("sys/fs/cgroup/job/cpu.max", "max 100000\n");
  write("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "-1\n");
  write("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(found(), allowed());
  write("sys/fs/cgroup/job/cpu.max", "99900000 100000\n");
  EXPECT_EQ(found(), allowed());
}

TEST_F(ProcessorsTest, AQuotaOfAGroupOrOneAboveItCounts) {
  write("proc/self/cgroup", "0::/above/job\n");
  write("sys/fs/cgroup/above/cpu.max", "50000 100000\n");  // half a processor
  EXPECT_EQ(found(), 1);
}

TEST_F(ProcessorsTest, AQuotaOfVersion1Counts) {
  write("proc/self/cgroup", "3:cpu,cpuacct:/job\n");
  write("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "100000\n");
  write("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(found(), 1);
}

TEST_F(ProcessorsTest, WhatAClusterGaveAJobCountsInAJobAlone) {
  for (const auto& [job, given] :
       {std::pair("SLURM_JOB_ID", "SLURM_CPUS_PER_TASK"), std::pair("PBS_JOBID", "NCPUS"),
        std::pair("JOB_ID", "NSLOTS")}) {
    ::setenv(given, "1", 1);
    EXPECT_EQ(found(), allowed()) << given;
    ::setenv(job, "7", 1);
    EXPECT_EQ(found(), 1) << given;
    ::setenv(given, "", 1);
    EXPECT_EQ(found(), allowed()) << given;
    forget_job();
  }
}

}  // namespace
}  // namespace hypersynth
