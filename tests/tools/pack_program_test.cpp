#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include "tools/tool_run.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

ProcessResult pack(const Arguments& arguments) { return run_tool(HYPERSYNTH_PACK, arguments); }

/// pack_arguments() with the value after `option` replaced.
Arguments with(Arguments arguments, const std::string& option, const std::string& value) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == option) arguments.at(i + 1) = value;
  }
  return arguments;
}

/// Packing fails as stated and leaves nothing behind.
void expect_refused(const ToolFolder& folder, const Arguments& arguments, int exit_code,
                    const Arguments& parts) {
  expect_failure(pack(arguments), exit_code, parts);
  EXPECT_EQ(folder.outputs(), std::vector<std::string>{});
}

void expect_refused(const ToolFolder& folder, int exit_code, const Arguments& parts) {
  expect_refused(folder, folder.pack_arguments(), exit_code, parts);
}

TEST(PackProgramTest, PacksLabelMapsAndRealImagesIntoOneFile) {
  const ToolFolder folder;
  auto arguments = folder.pack_arguments();
  arguments.insert(arguments.end(), {"--validation", "two"});
  const auto result = pack(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out, "volumes\t3\nvalidation\t1\nclasses\t4\n");
  EXPECT_EQ(folder.outputs(), std::vector<std::string>{"data.pack"});
}

TEST(PackProgramTest, RecordsEveryUndrawnStructureOnce) {
  const ToolFolder folder;
  auto arguments = folder.pack_arguments();
  arguments.insert(arguments.end(), {"--undrawn-labels", "14", "2", "--undrawn-labels", "14"});
  const auto result = pack(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  std::ifstream stream(folder / "out/data.pack", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_NE(bytes.find("\"undrawn_labels\":[14,2]"), std::string::npos);
}

TEST(PackProgramTest, MapsMayDifferInSizeAndOrientation) {
  const ToolFolder folder;
  auto map = small_head();
  map.grid.shape = {32, 32, 16};
  map.voxels.resize(32 * 32 * 16);
  map.grid.world_from_voxel[0][0] = -1;
  write_nifti(folder / "maps/three.nii", map);
  EXPECT_EQ(pack(folder.pack_arguments()).out, "volumes\t4\nvalidation\t0\nclasses\t4\n");
}

TEST(PackProgramTest, NamesTheMapAndItsLabelsThatTheTableLacks) {
  const ToolFolder folder;
  auto map = small_head();
  map.voxels[0] = 78;
  map.voxels[1] = 77;
  write_nifti(folder / "maps/two.nii.gz", map);
  expect_refused(folder, 65, {folder / "maps/two.nii.gz", "77, 78"});
}

TEST(PackProgramTest, RefusesLabelsThatAreNoIntegers) {
  const ToolFolder folder;
  for (const float value : {2.5F, std::numeric_limits<float>::quiet_NaN(), 1e12F}) {
    auto map = small_head();
    map.voxels[40] = value;
    write_nifti(folder / "maps/two.nii.gz", map);
    expect_refused(folder, 65, {folder / "maps/two.nii.gz"});
  }
}

TEST(PackProgramTest, ResamplesMapsAndScansToOneVoxelSize) {
  const ToolFolder folder;
  auto map = small_head();
  map.grid.world_from_voxel[1][1] = 2;
  write_nifti(folder / "maps/two.nii.gz", map);
  EXPECT_EQ(pack(folder.pack_arguments()).out, "volumes\t3\nvalidation\t0\nclasses\t4\n");
  const auto size = fs::file_size(folder / "out/data.pack");
  auto coarse = folder.pack_arguments();
  coarse.insert(coarse.end(), {"--spacing-mm", "2"});
  EXPECT_EQ(pack(coarse).out, "volumes\t3\nvalidation\t0\nclasses\t4\n");
  EXPECT_LT(fs::file_size(folder / "out/data.pack"), size / 4);
}

TEST(PackProgramTest, RefusesMapsOfSeveralFramesOrWithoutStructures) {
  const ToolFolder folder;
  auto map = small_head();
  map.frames = 2;
  map.voxels.insert(map.voxels.end(), map.voxels.begin(), map.voxels.begin() + 32 * 32 * 32);
  write_nifti(folder / "maps/two.nii.gz", map);
  expect_refused(folder, 65, {folder / "maps/two.nii.gz"});
  map = small_head();
  for (auto& voxel : map.voxels) voxel = voxel == 500 ? 500 : 0;
  write_nifti(folder / "maps/two.nii.gz", map);
  expect_refused(folder, 65, {folder / "maps/two.nii.gz", "none"});
}

TEST(PackProgramTest, RefusesDamagedFiles) {
  const ToolFolder folder;
  const auto map = folder / "maps/two.nii.gz";
  fs::resize_file(map, fs::file_size(map) / 2);
  expect_refused(folder, 65, {map});
  std::ofstream(map) << "<html>not found</html>";
  expect_refused(folder, 65, {map});
  std::ofstream{map};
  expect_refused(folder, 65, {map});
}

TEST(PackProgramTest, RefusesFoldersThatAreEmptyOrMissing) {
  const ToolFolder folder;
  fs::create_directories(folder / "empty");
  const auto arguments = folder.pack_arguments();
  for (const auto& name : {folder / "empty", folder / "absent"})
    expect_refused(folder, with(arguments, "--label-maps", name), 66, {name});
  expect_refused(folder, with(arguments, "--label-table", folder / "absent.tsv"), 66,
                 {folder / "absent.tsv"});
  expect_refused(folder, with(arguments, "--real-images", folder / "absent.nii"), 66,
                 {folder / "absent.nii"});
}

TEST(PackProgramTest, RefusesPairsThatDoNotBelongTogether) {
  const ToolFolder folder;
  auto reference = small_head();
  reference.grid.shape = {32, 32, 16};
  reference.voxels.resize(32 * 32 * 16);
  write_nifti(folder / "reference.nii.gz", reference);
  expect_refused(folder, 65, {folder / "scan.nii.gz", folder / "reference.nii.gz", "32 x 32 x 16"});
  reference = small_head();
  reference.grid.world_from_voxel[2][3] = 5;
  write_nifti(folder / "reference.nii.gz", reference);
  expect_refused(folder, 65, {folder / "reference.nii.gz", "affine"});
  reference = small_head();
  for (auto& voxel : reference.voxels) voxel = voxel == 0 ? 0 : 901;
  write_nifti(folder / "reference.nii.gz", reference);
  expect_refused(folder, 65, {folder / "reference.nii.gz", "901"});
  auto arguments = folder.pack_arguments();
  arguments.push_back(folder / "reference.nii.gz");
  expect_refused(folder, arguments, 64, {"1 real images but 2 references"});
}

TEST(PackProgramTest, RefusesScansThatAreConstantOrNotFinite) {
  const ToolFolder folder;
  auto scan = small_scan(small_head());
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    scan.voxels[77] = value;
    write_nifti(folder / "scan.nii.gz", scan);
    expect_refused(folder, 65, {folder / "scan.nii.gz", "finite"});
  }
  std::fill(scan.voxels.begin(), scan.voxels.end(), 3.0F);
  write_nifti(folder / "scan.nii.gz", scan);
  expect_refused(folder, 65, {folder / "scan.nii.gz", "all voxels equal to 3"});
}

TEST(PackProgramTest, RefusesTablesThatAreWrong) {
  const ToolFolder folder;
  std::ofstream(folder / "labels.tsv") << "index\tname\n0\tbackground\n";
  expect_refused(folder, 65, {folder / "labels.tsv", "contralateral"});
}

TEST(PackProgramTest, RefusesOptionsThatItDoesNotKnowOrCannotRead) {
  const ToolFolder folder;
  const auto added = [&](const Arguments& more) {
    auto arguments = folder.pack_arguments();
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  expect_refused(folder, {}, 64, {"--label-table"});
  expect_refused(folder, added({"--colour", "red"}), 64, {"--colour"});
  expect_refused(folder, added({"--spacing-mm"}), 64, {"--spacing-mm"});
  expect_refused(folder, added({"--spacing-mm", "one"}), 64, {"--spacing-mm", "one"});
  expect_refused(folder, added({"--spacing-mm", "-1"}), 64, {"--spacing-mm"});
  expect_refused(folder, added({"--validation", "three"}), 64, {"three"});
  for (const char* label : {"0", "500", "99", "-2", "two", "2.5", "9999999999"})
    expect_refused(folder, added({"--undrawn-labels", "14", label}), 64,
                   {"--undrawn-labels", label});
  expect_refused(folder, added({"--undrawn-labels"}), 64, {"--undrawn-labels"});
  expect_refused(folder, {"--output", folder / "out/x", "--label-table", folder / "labels.tsv"}, 64,
                 {"nothing to pack"});
}

TEST(PackProgramTest, RefusesOutputThatCannotBeCreatedBeforeItReadsAnything) {
  const ToolFolder folder;
  const auto arguments = folder.pack_arguments();
  std::ofstream(folder / "maps/two.nii.gz") << "damaged too";
  for (const auto& name : {folder / "absent/data.pack", folder / "maps"})
    expect_refused(folder, with(arguments, "--output", name), 73, {name});
}

TEST(PackProgramTest, LeavesNothingOnAFullDisk) {
  const ToolFolder folder;
  expect_failure(run_tool_on_full_disk(HYPERSYNTH_PACK, folder.pack_arguments(), 8), 74,
                 {folder / "out/data.pack"});
  EXPECT_EQ(folder.outputs(), std::vector<std::string>{});
}

TEST(PackProgramTest, HelpNamesEveryOptionAndItsDefault) {
  const auto result = pack({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* option : {"--label-table", "--label-maps", "--real-images", "--real-references",
                             "--undrawn-labels", "--validation", "--spacing-mm", "--output", "[1]"})
    EXPECT_NE(result.out.find(option), std::string::npos) << option;
  EXPECT_EQ(pack({"--version"}).exit_code, 0);
}

}  // namespace
}  // namespace hypersynth
