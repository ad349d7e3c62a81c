#include "image/nifti.h"

#include <filesystem>
#include <random>

#include <gtest/gtest.h>

#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

Grid sheared_grid() {
  return {{60, 61, 62},
          {{{1, 0.2, 0, -91.3}, {0, 1.1, -0.3, 12.25}, {0.1, 0.4, 2, 7.5}, {0, 0, 0, 1}}}};
}

LabelMap random_labels(std::int32_t least, std::int32_t most) {
  std::mt19937 generator(1);
  std::uniform_int_distribution<std::int32_t> label(least, most);
  LabelMap labels(sheared_grid());
  for (auto& value : labels.voxels) value = label(generator);
  labels.voxels[0] = least;
  labels.voxels[1] = most;
  return labels;
}

TEST(NiftiTest, LabelsComeBackFromEveryIntegerWidth) {
  const TemporaryDir dir;
  const std::string path = dir / "labels.nii.gz";
  const std::pair<std::int32_t, std::int32_t> ranges[] = {
      {0, 255}, {-128, 127}, {-129, 300}, {0, 65535}, {-1, 70000}};
  for (const auto& [least, most] : ranges) {
    const LabelMap labels = random_labels(least, most);
    write_labels(path, labels);
    const LabelMap back = read_labels(path);
    EXPECT_EQ(back.voxels, labels.voxels);
    EXPECT_TRUE(same_grid(back.grid, labels.grid));
  }
}

TEST(NiftiTest, NothingIsLeftBesideAWrittenFile) {
  const TemporaryDir dir;
  write_labels(dir / "labels.nii.gz", random_labels(0, 3));
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir.path()))
    ++files;
  EXPECT_EQ(files, 1u);
}

}  // namespace
}  // namespace hypersynth
