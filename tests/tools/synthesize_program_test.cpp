#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "tools/tool_run.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

class SynthesizeProgramTest : public testing::Test {
 protected:
  Arguments arguments(const std::string& output, const Arguments& more = {}) const {
    Arguments all{"--label-map",   folder_ / "maps/one.nii.gz",
                  "--label-table", folder_ / "labels.tsv",
                  "--output",      folder_ / output,
                  "--patch",       "24x20x16",
                  "--count",       "2"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  void expect_refused(const Arguments& arguments, int exit_code, const Arguments& parts) const {
    expect_failure(run_tool(HYPERSYNTH_SYNTHESIZE, arguments), exit_code, parts);
    EXPECT_EQ(folder_.outputs(), std::vector<std::string>{});
  }

  ToolFolder folder_;
};

/// Width and height of a PNG file.
std::pair<int, int> png_size(const std::string& path) {
  const auto bytes = read_text(path);
  if (bytes.size() < 24 || bytes.compare(1, 3, "PNG") != 0) return {0, 0};
  const auto number = [&](std::size_t at) {
    int value = 0;
    for (std::size_t i = at; i < at + 4; ++i)
      value = value * 256 + static_cast<unsigned char>(bytes[i]);
    return value;
  };
  return {number(16), number(20)};
}

TEST_F(SynthesizeProgramTest, WritesImagesLabelsAndAContactSheet) {
  const auto result = run_tool(HYPERSYNTH_SYNTHESIZE, arguments("out"));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(folder_.outputs(),
            (std::vector<std::string>{"contact-sheet.png", "image-001.nii.gz", "image-002.nii.gz",
                                      "labels-001.nii.gz", "labels-002.nii.gz"}));
  const auto image = read_nifti(folder_ / "out/image-001.nii.gz");
  const auto labels = read_nifti(folder_ / "out/labels-001.nii.gz");
  EXPECT_EQ(image.grid.shape, (std::array<std::int64_t, 3>{24, 20, 16}));
  EXPECT_TRUE(same_grid(image.grid, labels.grid));
  EXPECT_GT(image.qform_code, 0);
  EXPECT_GT(image.sform_code, 0);
  EXPECT_EQ(image.grid.world_from_voxel[0][0], 1);
  EXPECT_EQ(image.grid.world_from_voxel[0][3], -11.5);  // centred on the origin
  EXPECT_EQ(image.grid.world_from_voxel[2][3], -7.5);
  const std::set<float> found(labels.voxels.begin(), labels.voxels.end());
  for (const float label : found) EXPECT_EQ((std::set<float>{0, 2, 14, 41}).count(label), 1u);
  EXPECT_GT(found.size(), 2u);
  for (const float value : image.voxels) ASSERT_TRUE(value >= 0 && value <= 1.2001F) << value;
  // Two rows of three slices, grey and coloured.
  const auto [width, height] = png_size(folder_ / "out/contact-sheet.png");
  EXPECT_GE(width, 2 * (24 + 24 + 20));
  EXPECT_GE(height, 2 * 20);
}

TEST_F(SynthesizeProgramTest, MakesAxialSlicesWhereThePatchHasTwoSides) {
  const auto result =
      run_tool(HYPERSYNTH_SYNTHESIZE, arguments("out", {"--patch", "24x20", "--spacing-mm", "1"}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto image = read_nifti(folder_ / "out/image-002.nii.gz");
  EXPECT_EQ(image.grid.shape, (std::array<std::int64_t, 3>{24, 20, 1}));
  EXPECT_EQ(image.grid.world_from_voxel[1][3], -9.5);
}

TEST_F(SynthesizeProgramTest, GivesTheSameFilesForTheSameSeed) {
  for (const auto& [output, seed] : {std::pair{"a", "3"}, std::pair{"b", "3"}, std::pair{"c", "4"}})
    ASSERT_EQ(run_tool(HYPERSYNTH_SYNTHESIZE, arguments(output, {"--random-seed", seed})).exit_code,
              0);
  for (const std::string name : {"image-001.nii.gz", "labels-002.nii.gz", "contact-sheet.png"})
    EXPECT_EQ(read_text(folder_ / ("a/" + name)), read_text(folder_ / ("b/" + name)));
  EXPECT_NE(read_nifti(folder_ / "a/image-001.nii.gz").voxels,
            read_nifti(folder_ / "c/image-001.nii.gz").voxels);
}

TEST_F(SynthesizeProgramTest, TakesTheOptionsOfTheGenerativeModel) {
  // Without any change of geometry, and a patch as large as the structures, the labels stay.
  const Arguments still{"--scaling",      "0", "--rotation-deg",     "0", "--shearing", "0",
                        "--velocity-std", "0", "--flip-probability", "0", "--patch",    "18x18x18"};
  ASSERT_EQ(run_tool(HYPERSYNTH_SYNTHESIZE, arguments("out", still)).exit_code, 0);
  EXPECT_EQ(read_nifti(folder_ / "out/labels-001.nii.gz").voxels,
            read_nifti(folder_ / "out/labels-002.nii.gz").voxels);
}

TEST_F(SynthesizeProgramTest, RefusesBadInputAndLeavesNothing) {
  expect_refused({}, 64, {"--label-map"});
  expect_refused(arguments("out/x", {"--count", "0"}), 64, {"--count"});
  expect_refused(arguments("out/x", {"--scaling", "2", "--gamma-std", "-1"}), 64,
                 {"scaling", "gamma_std"});
  expect_refused(arguments("out/x", {"--patch", "16xbig"}), 64, {"--patch", "big"});
  expect_refused(arguments("out/x", {"--label-map", folder_ / "absent.nii"}), 66,
                 {folder_ / "absent.nii"});
  auto map = small_head();
  map.voxels[5] = 9;
  write_nifti(folder_ / "maps/one.nii.gz", map);
  expect_refused(arguments("out/x"), 65, {folder_ / "maps/one.nii.gz", "9"});
}

TEST_F(SynthesizeProgramTest, RefusesOutputThatCannotBeCreated) {
  expect_refused(arguments("labels.tsv/x"), 73, {folder_ / "labels.tsv/x"});
  expect_refused(arguments("labels.tsv"), 73, {folder_ / "labels.tsv"});
}

TEST_F(SynthesizeProgramTest, LeavesNoHalfWrittenFileOnAFullDisk) {
  expect_failure(run_tool_on_full_disk(HYPERSYNTH_SYNTHESIZE, arguments("out"), 4), 74,
                 {folder_ / "out/image-001.nii.gz"});
  EXPECT_EQ(folder_.outputs(), std::vector<std::string>{});
}

}  // namespace
}  // namespace hypersynth
