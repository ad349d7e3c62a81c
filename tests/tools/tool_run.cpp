#include "tools/tool_run.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSide = 32;

bool inside(std::int64_t i, std::int64_t j, std::int64_t k, std::int64_t low, std::int64_t high) {
  const auto within = [&](std::int64_t x) { return x >= low && x < high; };
  return within(i) && within(j) && within(k);
}

float label_at(std::int64_t i, std::int64_t j, std::int64_t k) {
  if (inside(i, j, k, 13, 19)) return 14;
  if (inside(i, j, k, 7, 25)) return i < kSide / 2 ? 2 : 41;
  return inside(i, j, k, 3, 29) ? 500 : 0;
}

}  // namespace

NiftiFile small_head(std::int64_t shift, double spacing_mm) {
  NiftiFile file;
  for (std::size_t axis = 0; axis < 3; ++axis) file.grid.world_from_voxel[axis][axis] = spacing_mm;
  file.grid.shape = {kSide, kSide, kSide};
  for (std::int64_t k = 0; k < kSide; ++k) {
    for (std::int64_t j = 0; j < kSide; ++j) {
      for (std::int64_t i = 0; i < kSide; ++i) file.voxels.push_back(label_at(i, j + shift, k));
    }
  }
  return file;
}

NiftiFile small_scan(const NiftiFile& labels) {
  auto file = labels;
  for (std::size_t n = 0; n < file.voxels.size(); ++n) {
    const auto label = static_cast<int>(labels.voxels[n]);
    const int grey = label == 0 ? 0 : label == 500 ? 40 : label == 14 ? 90 : 140;
    file.voxels[n] = static_cast<float>(grey) + static_cast<float>(n % kSide) * 0.2F;
  }
  return file;
}

ToolFolder::ToolFolder() {
  std::ofstream(folder_ / "labels.tsv")
      << "index\tname\tcontralateral\tintensity_class\tsegmentation_index\n"
         "0\tbackground\t0\t0\t0\n"
         "2\tleft white matter\t41\t1\t2\n"
         "41\tright white matter\t2\t2\t41\n"
         "14\tventricle\t14\t3\t14\n"
         "500\textracerebral tissue\t500\t4\t0\n";
  fs::create_directories(folder_ / "maps");
  fs::create_directories(folder_ / "out");
  write_nifti(folder_ / "maps/one.nii.gz", small_head());
  write_nifti(folder_ / "maps/two.nii.gz", small_head(2));
  write_nifti(folder_ / "reference.nii.gz", small_head());
  write_nifti(folder_ / "scan.nii.gz", small_scan(small_head()));
}

std::vector<std::string> ToolFolder::outputs() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "out"))
    names.push_back(fs::relative(entry.path(), folder_ / "out").string());
  std::sort(names.begin(), names.end());
  return names;
}

Arguments ToolFolder::pack_arguments() const {
  return {
      "--label-table",     folder_ / "labels.tsv",      "--label-maps", folder_ / "maps",
      "--real-images",     folder_ / "scan.nii.gz",     "--output",     folder_ / "out/data.pack",
      "--real-references", folder_ / "reference.nii.gz"};
}

std::string ToolFolder::pack() const {
  const auto result = run_tool(HYPERSYNTH_PACK, pack_arguments());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return folder_ / "out/data.pack";
}

Arguments ToolFolder::train_arguments(const std::string& data) const {
  return {"--data", data,         "--output", folder_ / "out/run", "--patch", "16x16",   "--levels",
          "2",      "--features", "4",        "--batch-size",      "2",       "--steps", "6"};
}

ProcessResult run_tool(const std::string& program, Arguments arguments) {
  arguments.insert(arguments.begin(), program);
  return run_process(arguments, {{"OMP_NUM_THREADS", "2"}});
}

ProcessResult run_tool_on_full_disk(const std::string& program, Arguments arguments,
                                    int kilobytes) {
  arguments.insert(arguments.begin(),
                   {"/bin/bash", "-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"",
                    std::to_string(kilobytes), program});
  return run_process(arguments, {{"OMP_NUM_THREADS", "2"}});
}

void expect_failure(const ProcessResult& result, int exit_code, const Arguments& parts) {
  EXPECT_EQ(result.exit_code, exit_code) << result.err;
  EXPECT_EQ(result.out, "");
  for (const auto& part : parts)
    EXPECT_NE(result.err.find(part), std::string::npos) << "no '" << part << "' in " << result.err;
  EXPECT_LE(std::count(result.err.begin(), result.err.end(), '\n'), 3) << result.err;
}

}  // namespace hypersynth
