#include "app/step_command.h"

#include <filesystem>
#include <fstream>
#include <stdlib.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/version.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class StepCommandTest : public testing::Test {
 protected:
  StepCommandTest() : path_(std::getenv("PATH")) {
    for (const char* name : {"raw", "out", "work", "image.sif", "bin"})
      std::filesystem::create_directories(folder.path() / name);
    options.bids_dir = at("raw");
    options.output_dir = at("out");
    options.work_dir = at("work");
    options.cluster_container = at("image.sif");
  }
  ~StepCommandTest() override { ::setenv("PATH", path_.c_str(), 1); }

  fs::path at(const std::string& name) const { return folder / name; }
  std::string bind(const std::string& name, const std::string& how) const {
    return at(name).string() + ":" + at(name).string() + how;
  }

  /// Puts a program called apptainer into PATH that says of any image that it is `version`.
  void install(const std::string& version) {
    const auto program = folder.path() / "bin" / "apptainer";
    std::ofstream(program) << "#!/bin/sh\n"
                              "case $1 in --version) echo apptainer 1;; *) echo "
                           << version << ";; esac\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    ::setenv("PATH", (at("bin").string() + ":" + path_).c_str(), 1);
  }

  void expect_refused(ExitCode code, const std::string& why) const {
    try {
      check_cluster_container(options);
      FAIL() << "was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      EXPECT_THAT(error.what(), HasSubstr(why));
    }
  }

  TemporaryDir folder;
  CommonOptions options;

 private:
  std::string path_;
};

TEST_F(StepCommandTest, WithoutAnImageAStepIsThisProgram) {
  options.cluster_container.clear();
  EXPECT_THAT(step_command(options, {"--threads=2"}, {}),
              ElementsAre(HasSubstr("app_test"), "--threads=2"));
  EXPECT_NO_THROW(check_cluster_container(options));
}

TEST_F(StepCommandTest, AnImageSeesWhatTheStepNeedsUnderItsOwnPath) {
  options.derivatives["other"] = at("bin");
  EXPECT_THAT(step_command(options, {"--device=cpu"}, {at("model")}),
              ElementsAre("apptainer", "--quiet", "run", "--no-home", "--pwd", "/", "--bind",
                          bind("raw", ":ro"), "--bind", bind("bin", ":ro"), "--bind",
                          bind("model", ":ro"), "--bind", bind("out", ""), "--bind",
                          bind("work", ""), at("image.sif").string(), "--device=cpu"));
}

TEST_F(StepCommandTest, ALinkIsBoundWithWhatItLeadsTo) {
  std::filesystem::create_directory_symlink(folder.path() / "raw", folder.path() / "link");
  options.bids_dir = at("link");
  const auto words = step_command(options, {}, {});
  EXPECT_THAT(words, testing::Contains(bind("link", ":ro")));
  EXPECT_THAT(words, testing::Contains(bind("raw", ":ro")));
}

TEST_F(StepCommandTest, AGpuIsHandedOn) {
  EXPECT_THAT(step_command(options, {"--device=cuda:0"}, {}), testing::Contains("--nv"));
}

TEST_F(StepCommandTest, OnlyAnImageOfTheSameVersionIsTaken) {
  install("hypersynth 0.0.1");
  expect_refused(ExitCode::kUsage, "found hypersynth 0.0.1");
  install("hypersynth " + std::string(version()));
  EXPECT_NO_THROW(check_cluster_container(options));
}

TEST_F(StepCommandTest, AMissingImageIsNamed) {
  install("hypersynth " + std::string(version()));
  options.cluster_container = at("none.sif");
  expect_refused(ExitCode::kInputMissing, "none.sif");
}

TEST_F(StepCommandTest, APathThatApptainerWouldMisreadIsRefused) {
  install("hypersynth " + std::string(version()));
  options.output_dir = at("out:2");
  expect_refused(ExitCode::kUsage, "out:2");
}

}  // namespace
}  // namespace hypersynth
