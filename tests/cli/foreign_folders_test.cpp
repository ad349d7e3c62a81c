// What hypersynth did not make is neither written to nor removed.

#include <array>
#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/hypersynth_command.h"
#include "support/bids_dataset.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A dataset of names only, and folders that a work folder has too.
class ForeignFoldersTest : public testing::Test {
 protected:
  ForeignFoldersTest() { add_dataset("raw"); }

  void add_dataset(const std::string& name) const {
    const BidsDataset data(folder / name);
    data.add_text("sub-01/anat/sub-01_T1w.nii.gz", "not read");
    for (const char* inner : {"log", "nodes", "crashes", "slurm", "pbs", "sge", "attempts"})
      data.add_text(std::string(inner) + "/notes.txt", "mine");
  }

  /// Every file below a folder with its content.
  std::map<std::string, std::string> files(const std::string& name) const {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder / name)) {
      if (entry.is_regular_file()) found[entry.path().string()] = read_text(entry.path().string());
    }
    return found;
  }

  ProcessResult run(const std::string& bids, const std::string& out,
                    std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {folder / bids, folder / out, "participant"});
    return hypersynth_run(std::move(options));
  }

  TemporaryDir folder;
};

TEST_F(ForeignFoldersTest, AWorkFolderThatIsAnothersIsRefusedBeforeAnythingIsWritten) {
  add_dataset("full");
  const auto before = files("full");
  for (const char* option : {"-v", "--clean-workdir"}) {
    const auto result = run("raw", "out", {"-w", folder / "full", option});
    EXPECT_EQ(result.exit_code, 73) << result.err;
    EXPECT_THAT(result.err, HasSubstr("expected an empty folder or one that hypersynth"));
    EXPECT_THAT(result.err, HasSubstr(folder / "full"));
  }
  EXPECT_EQ(files("full"), before);
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST_F(ForeignFoldersTest, AFolderCalledWorkInTheOutputIsRefusedWhereItIsAnothers) {
  add_dataset("out/work");
  const auto before = files("out");
  EXPECT_EQ(run("raw", "out").exit_code, 73);
  EXPECT_EQ(files("out"), before);
}

TEST_F(ForeignFoldersTest, AnEmptyWorkFolderIsTaken) {
  fs::create_directories(folder / "out/work");
  EXPECT_EQ(run("raw", "out").exit_code, 65) << "the image is none";
}

TEST_F(ForeignFoldersTest, TheRawDataMayBeNoFolderOfTheOutput) {
  for (const char* name : {"out/work", "out/logs", "out/sub-01"}) {
    add_dataset(name);
    const auto before = files("out");
    EXPECT_EQ(run(name, "out").exit_code, 64) << name;
    EXPECT_EQ(files("out"), before) << name;
    fs::remove_all(folder / "out");
  }
}

TEST_F(ForeignFoldersTest, NoFolderOfTheOutputMayBeALinkIntoTheRawData) {
  const auto before = files("raw");
  for (const char* name : {"work", "logs", "sub-01"}) {
    fs::create_directories(folder / "out");
    fs::create_directory_symlink(folder / "raw/sub-01", folder / (std::string("out/") + name));
    const auto result = run("raw", "out");
    EXPECT_EQ(result.exit_code, 64) << name;
    EXPECT_THAT(result.err, HasSubstr("raw data")) << name;
    EXPECT_EQ(files("raw"), before) << name;
    fs::remove_all(folder / "out");
  }
}

TEST_F(ForeignFoldersTest, AnotherRawDatasetIsNoOutputFolder) {
  add_dataset("second");
  const auto before = files("second");
  const auto result = run("raw", "second");
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.err, HasSubstr("dataset_description.json"));
  EXPECT_EQ(files("second"), before);
}

TEST_F(ForeignFoldersTest, AGraphIsNotDrawnIntoTheRawData) {
  const auto before = files("raw");
  const auto result = run("raw", "out", {"--dry-run", "--graph", folder / "raw/sub-01/graph.svg"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_EQ(files("raw"), before);
}

TEST_F(ForeignFoldersTest, RawDataAreFoundUnderTheOtherPathOfABindMount) {
  const auto before = files("raw");
  const auto bound = [&](const std::string& from, const std::string& to, const std::string& out) {
    fs::create_directories(folder / to);
    return run_process(
        {"/usr/bin/unshare", "-rm", "/bin/sh", "-c",
         "mount --bind \"$1\" \"$2\" || exit 99; exec \"$3\" \"$4\" \"$5\" participant", "sh",
         folder / from, folder / to, HYPERSYNTH_PROGRAM, folder / "raw", folder / out});
  };
  for (const auto& [from, to, out] :
       {std::array<std::string, 3>{"raw", "mounted", "mounted/out"},
        std::array<std::string, 3>{"raw/sub-01", "out/sub-01", "out"}}) {
    const auto result = bound(from, to, out);
    if (result.exit_code == 99 || result.err.find("unshare") != std::string::npos)
      GTEST_SKIP() << "this machine lets nobody mount: " << result.err;
    EXPECT_EQ(result.exit_code, 64) << result.err;
    EXPECT_THAT(result.err, HasSubstr("the raw data"));
  }
  EXPECT_EQ(files("raw"), before);
}

}  // namespace
}  // namespace hypersynth
