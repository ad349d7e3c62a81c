// Which container a run is said to be in, told by files as the engines leave them.

#include <filesystem>
#include <fstream>
#include <stdlib.h>

#include <gtest/gtest.h>

#include "app/container.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

constexpr const char* kPlainMounts =
    "21 26 0:20 / /proc rw - proc proc rw\n26 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n";
constexpr const char* kContainerMounts =
    "400 300 0:60 / / rw - overlay overlay rw\n"
    "410 400 8:1 /engine/containers/1f/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n";

class RunContainerTest : public testing::Test {
 protected:
  RunContainerTest() {
    ::unsetenv("APPTAINER_CONTAINER");
    ::unsetenv("SINGULARITY_CONTAINER");
    ::unsetenv("container");
    write("proc/self/mountinfo", kPlainMounts);
  }
  ~RunContainerTest() override {
    ::unsetenv("APPTAINER_CONTAINER");
    ::unsetenv("container");
  }

  void write(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = root.path() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  Container found() const {
    return find_container((root.path() / "share").string(), root.path().string());
  }

  TemporaryDir root;
};

TEST_F(RunContainerTest, AMarkerAloneIsNoContainer) {
  EXPECT_EQ(found().type, "");
  write(".dockerenv", "");
  write("run/.containerenv", "engine=\"podman-4.3.1\"\n");
  write("share/container.json", R"({"Tag": "hypersynth:1"})");
  EXPECT_EQ(found().type, "");
  EXPECT_EQ(found().tag, "");
  ::setenv("APPTAINER_CONTAINER", "/images/a.sif", 1);
  EXPECT_EQ(found().type, "");
}

TEST_F(RunContainerTest, DockerHasAMarkerAndItsOwnSettings) {
  write("proc/self/mountinfo", kContainerMounts);
  EXPECT_EQ(found().type, "");
  write(".dockerenv", "");
  EXPECT_EQ(found().type, "docker");
  EXPECT_EQ(found().tag, "");
}

TEST_F(RunContainerTest, PodmanNamesTheImage) {
  write("proc/self/mountinfo", kContainerMounts);
  write("run/.containerenv", "engine=\"podman-4.3.1\"\nimage=\"localhost/hypersynth:latest\"\n");
  EXPECT_EQ(found().type, "podman");
  EXPECT_EQ(found().tag, "localhost/hypersynth:latest");
  write("run/.containerenv", "");
  EXPECT_EQ(found().type, "podman");
  EXPECT_EQ(found().tag, "");
}

TEST_F(RunContainerTest, APodmanContainerThatIsReadOnlyHidesItsFile) {
  ::setenv("container", "podman", 1);
  EXPECT_EQ(found().type, "");
  write("proc/self/mountinfo", kContainerMounts);
  EXPECT_EQ(found().type, "podman");
}

TEST_F(RunContainerTest, OurImageIsToldByItsOwnFileUnderOtherEngines) {
  write("share/container.json", R"({"Tag": "hypersynth:1", "URI": ""})");
  EXPECT_EQ(found().type, "");
  write("proc/self/mountinfo", kContainerMounts);
  EXPECT_EQ(found().type, "oci");
  EXPECT_EQ(found().tag, "hypersynth:1");
}

TEST_F(RunContainerTest, ApptainerIsToldByItsVariableAndFolder) {
  ::setenv("APPTAINER_CONTAINER", "/images/hypersynth_0.1.0.sif", 1);
  std::filesystem::create_directories(root.path() / ".singularity.d");
  EXPECT_EQ(found().type, "apptainer");
  EXPECT_EQ(found().tag, "hypersynth_0.1.0.sif");
  EXPECT_EQ(found().uri, "");
}

TEST_F(RunContainerTest, WhatTheImageWasBuiltWithCounts) {
  write("proc/self/mountinfo", kContainerMounts);
  write(".dockerenv", "");
  write("share/container.json", R"({"Tag": "hypersynth:0.1.0", "URI": "docker://example/h"})");
  EXPECT_EQ(found().tag, "hypersynth:0.1.0");
  EXPECT_EQ(found().uri, "docker://example/h");
  for (const char* other : {"", "no json", "[1]", R"({"Tag": 3, "URI": ""})"}) {
    write("share/container.json", other);
    EXPECT_EQ(found().type, "docker") << other;
    EXPECT_EQ(found().tag, "") << other;
    EXPECT_EQ(found().uri, "") << other;
  }
}

}  // namespace
}  // namespace hypersynth
