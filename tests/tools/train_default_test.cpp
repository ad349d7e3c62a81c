// models/train-default.sh, as whoever trains the default model anew runs it.

#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/tool_run.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kScript = HYPERSYNTH_SOURCE_DIR "/models/train-default.sh";

class TrainDefaultTest : public testing::Test {
 protected:
  /// A folder of so many label maps with their table.
  std::string maps(int count) const {
    const std::string made = folder_ / ("maps-" + std::to_string(count));
    fs::create_directories(made);
    fs::copy_file(folder_ / "labels.tsv", made + "/labels.tsv");
    for (int i = 0; i < count; ++i)
      write_nifti(made + "/map-" + std::to_string(i) + ".nii.gz", small_head(i % 3));
    return made;
  }

  ProcessResult run(Arguments arguments, const std::string& steps) const {
    arguments.insert(
        arguments.begin(),
        {"HYPERSYNTH_BIN=" + fs::path(HYPERSYNTH_TRAIN).parent_path().string(), "bash", kScript});
    for (const char* more : {"--levels", "2", "--features", "2", "--patch", "16x16x16",
                             "--validation-every", "2", "--validation-images", "1", "--steps"})
      arguments.emplace_back(more);
    arguments.push_back(steps);
    return run_tool("/usr/bin/env", arguments);
  }

  static long lines_of(const std::string& path) {
    const auto text = read_text(path);
    return std::count(text.begin(), text.end(), '\n');
  }

  ToolFolder folder_;
};

TEST_F(TrainDefaultTest, OneCommandTrainsAModelWithMapsSetAsideAndGoesOnWhereItWasStopped) {
  const std::string out = folder_ / "default model";  // a path with a space
  const auto six = maps(6);
  const auto first = run({six, out, "--time-limit-s", "0.001"}, "4");
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("validation\t1"));
  EXPECT_THAT(first.out, HasSubstr("stopped_by\ttime limit"));
  const auto second = run({six, out}, "4");
  ASSERT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("going on from step"));
  EXPECT_THAT(second.out, HasSubstr("steps\t4"));
  EXPECT_TRUE(fs::exists(out + "/model.safetensors"));
  EXPECT_EQ(lines_of(out + "/training.jsonl"), 6);  // with two validations
}

TEST_F(TrainDefaultTest, FewerThanSixMapsAreAllTrainedOnAndThatIsSaid) {
  const auto result = run({maps(2), folder_ / "out/two"}, "2");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("no label map is set aside"));
}

TEST_F(TrainDefaultTest, WhatIsMissingIsNamed) {
  fs::create_directories(folder_ / "empty");
  const auto result = run({folder_ / "empty", folder_ / "out/none"}, "2");
  EXPECT_EQ(result.exit_code, 66);
  EXPECT_THAT(result.err, HasSubstr("labels.tsv"));
  const auto usage = run_tool("/bin/bash", {kScript});
  EXPECT_EQ(usage.exit_code, 64);
  EXPECT_THAT(usage.out, HasSubstr("Usage: models/train-default.sh"));
}

}  // namespace
}  // namespace hypersynth
