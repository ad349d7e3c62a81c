// Images that cannot be used fail alone, each with its own words; the good one beside them is done.

#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/hypersynth_command.h"
#include "support/bids_dataset.h"
#include "support/nifti_file.h"
#include "support/phantom_head.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

NiftiFile phantom_file() {
  const Image image = PhantomHead{}.draw();
  NiftiFile file;
  file.grid = image.grid;
  file.voxels = image.voxels;
  return file;
}

/// A dataset with a good image, sub-good, and one of every kind that cannot be used.
class BrokenImagesTest : public testing::Test {
 protected:
  struct Shared {
    TemporaryDir folder;
    BidsDataset data{folder.path() / "raw"};
    std::string out = folder / "out";
    ProcessResult participant;
  };
  static std::unique_ptr<Shared> shared;

  /// Subject label -> what its message says was found.
  static const std::map<std::string, std::string>& broken() {
    static const std::map<std::string, std::string> kinds{
        {"empty", "an empty file"},
        {"cut", "cut short"},
        {"short", "a truncated file"},
        {"text", "no NIfTI signature"},
        {"html", "an HTML page"},
        {"frames", "several frames"},
        {"zero", "all voxels zero"},
        {"constant", "all voxels equal to 7"},
        {"nan", "1 voxel of NaN or infinity"},
        {"infinite", "1 voxel of NaN or infinity"},
        {"nowhere", "a header without orientation"},
        {"coarse", "11 x 11 x 11 mm"},
        {"small", "32 x 36 x 32 mm"},
    };
    return kinds;
  }

  static std::string image_path(const std::string& subject) {
    static const std::set<std::string> kUncompressed{"html", "text", "short"};
    const std::string ending = kUncompressed.count(subject) == 1 ? ".nii" : ".nii.gz";
    return "sub-" + subject + "/anat/sub-" + subject + "_T1w" + ending;
  }

  static void add(const std::string& subject, const NiftiFile& file) {
    write_nifti(shared->data.place(image_path(subject)), file);
  }

  static void add_files_that_are_no_nifti() {
    shared->data.add_text(image_path("empty"), "");
    shared->data.add_text(image_path("text"), std::string(4000, 'x'));
    shared->data.add_text(image_path("html"),
                          "<!DOCTYPE html>\n<html><body>Please log in</body></html>\n");
    for (const char* subject : {"cut", "short"}) {
      add(subject, phantom_file());
      const auto path = shared->data.place(image_path(subject));
      fs::resize_file(path, fs::file_size(path) / 2);
    }
  }

  static void add_unusable_voxels() {
    NiftiFile file = phantom_file();
    file.voxels[file.voxels.size() / 2] = std::numeric_limits<float>::quiet_NaN();
    add("nan", file);
    file.voxels[file.voxels.size() / 2] = std::numeric_limits<float>::infinity();
    add("infinite", file);
    file.voxels.assign(file.voxels.size(), 0.0f);
    add("zero", file);
    file.voxels.assign(file.voxels.size(), 7.0f);
    add("constant", file);
  }

  static void add_unusable_grids() {
    NiftiFile file = phantom_file();
    file.frames = 2;
    file.voxels.insert(file.voxels.end(), file.voxels.begin(), file.voxels.end());
    add("frames", file);
    file = phantom_file();
    file.qform_code = file.sform_code = 0;
    add("nowhere", file);
    file = phantom_file();
    for (std::size_t axis = 0; axis < 3; ++axis) file.grid.world_from_voxel[axis][axis] = 11;
    add("coarse", file);
    for (std::size_t axis = 0; axis < 3; ++axis) file.grid.world_from_voxel[axis][axis] = 1;
    add("small", file);
  }

  static void SetUpTestSuite() {
    shared = std::make_unique<Shared>();
    add("good", phantom_file());
    add_files_that_are_no_nifti();
    add_unusable_voxels();
    add_unusable_grids();
    shared->participant =
        hypersynth_run({shared->data.path(), shared->out, "participant", "--fast"});
  }
  static void TearDownTestSuite() { shared.reset(); }
};

std::unique_ptr<BrokenImagesTest::Shared> BrokenImagesTest::shared;

TEST_F(BrokenImagesTest, TheRunSaysThatSomeImagesFailed) {
  EXPECT_EQ(shared->participant.exit_code, 65) << shared->participant.err;
}

TEST_F(BrokenImagesTest, TheGoodImageIsDone) {
  const std::string stem = shared->out + "/sub-good/anat/sub-good_space-T1w";
  EXPECT_NO_THROW(read_nifti(stem + "_desc-hypersynth_dseg.nii.gz"));
  EXPECT_TRUE(fs::exists(shared->out + "/sub-good.html"));
}

TEST_F(BrokenImagesTest, EveryFailureIsNamedWithItsReasonOnStandardErrorAndInTheTable) {
  const auto table = read_text(shared->out + "/group_failures.tsv");
  for (const auto& [subject, word] : broken()) {
    EXPECT_THAT(shared->participant.err, HasSubstr(image_path(subject)));
    const auto row_start = table.find(image_path(subject));
    ASSERT_NE(row_start, std::string::npos) << subject << " is not in\n" << table;
    const auto row = table.substr(row_start, table.find('\n', row_start) - row_start);
    EXPECT_THAT(row, HasSubstr(word)) << subject;
  }
  EXPECT_THAT(table, Not(HasSubstr("sub-good")));
}

TEST_F(BrokenImagesTest, EveryFailureHasASectionInItsReport) {
  for (const auto& [subject, word] : broken()) {
    const auto html = read_text(shared->out + "/sub-" + subject + ".html");
    EXPECT_THAT(html, HasSubstr(word)) << subject;
  }
}

TEST_F(BrokenImagesTest, NothingIsWrittenForAFailedImage) {
  for (const auto& [subject, word] : broken())
    EXPECT_FALSE(fs::exists(shared->out + "/sub-" + subject + "/anat")) << subject;
}

TEST_F(BrokenImagesTest, AMendedImageIsDoneInTheNextRun) {
  add("empty", phantom_file());
  const auto result = hypersynth_run({shared->data.path(), shared->out, "participant", "--fast",
                                      "--participant-label", "empty", "good"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(read_text(shared->out + "/group_failures.tsv"), Not(HasSubstr("sub-empty")));
}

}  // namespace
}  // namespace hypersynth
