// From label maps and a labelled scan to a model that segments an image.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "tools/tool_run.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

double dice(const std::vector<float>& a, const std::vector<float>& b, float label) {
  double both = 0, either = 0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    both += a[n] == label && b[n] == label ? 2 : 0;
    either += (a[n] == label ? 1 : 0) + (b[n] == label ? 1 : 0);
  }
  return both / either;
}

/// Trains on a scan with images of `patch` voxels, and segments it with what was learned.
void expect_to_segment_what_it_learned(const std::string& patch, const Arguments& more) {
#ifndef HYPERSYNTH_PROGRAM
  GTEST_SKIP() << "this build has no program to segment with";
#else
  const ToolFolder folder;
  const auto labels = small_head(0, 2);
  for (const char* name : {"maps/one.nii.gz", "maps/two.nii.gz", "reference.nii.gz"})
    write_nifti(folder / name, labels);
  write_nifti(folder / "scan.nii.gz", small_scan(labels));
  auto train = folder.train_arguments(folder.pack({"--spacing-mm", "2"}));
  train.insert(train.end(), {"--patch", patch, "--method", "supervised", "--steps", "120",
                             "--learning-rate", "0.01"});
  train.insert(train.end(), more.begin(), more.end());
  const auto trained = run_tool(HYPERSYNTH_TRAIN, train);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;

  const std::string anat = folder / "bids/sub-01/anat";
  fs::create_directories(anat);
  std::ofstream(folder / "bids/dataset_description.json")
      << R"({"Name": "one scan", "BIDSVersion": "1.10.1"})";
  fs::copy_file(folder / "scan.nii.gz", anat + "/sub-01_T1w.nii.gz");
  const auto segmented =
      run_tool(HYPERSYNTH_PROGRAM, {folder / "bids", folder / "out/derivatives", "participant",
                                    "--model", folder / "out/run/model.safetensors", "--fast"});
  ASSERT_EQ(segmented.exit_code, 0) << segmented.err;
  const auto found = read_nifti(
      folder / "out/derivatives/sub-01/anat/sub-01_space-T1w_desc-hypersynth_dseg.nii.gz");
  for (const float label : std::set<float>(found.voxels.begin(), found.voxels.end()))
    EXPECT_EQ((std::set<float>{0, 2, 14, 41}).count(label), 1u) << label;
  auto reference = labels.voxels;
  std::replace(reference.begin(), reference.end(), 500.0F, 0.0F);
  for (const float label : {2.0F, 41.0F, 14.0F})
    EXPECT_GT(dice(found.voxels, reference, label), 0.7) << label;
  const auto table = read_text(folder / "out/derivatives/desc-hypersynth_dseg.tsv");
  EXPECT_NE(table.find("right white matter"), std::string::npos) << table;
#endif
}

TEST(TrainedModelTest, IsAcceptedByTheProgramAndSegmentsTheScanThatItLearned) {
  expect_to_segment_what_it_learned("32x32x32", {"--batch-size", "1"});
}

TEST(TrainedModelTest, OfSlicesSegmentsTheScanThatItLearned) {
  expect_to_segment_what_it_learned("32x32",
                                    {"--levels", "3", "--features", "8", "--batch-size", "8"});
}

}  // namespace
}  // namespace hypersynth
