#include "core/annex.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

TEST(AnnexTest, ALinkIntoTheAnnexHasItsKeyWithAndWithoutContent) {
  const TemporaryDir folder;
  const fs::path object = folder.path() / ".git/annex/objects/1f/K9/MD5E-s3--0f.nii.gz";
  const std::string link = folder / "scan.nii.gz";
  fs::create_symlink(object / object.filename(), link);
  EXPECT_EQ(annex_key(link), "MD5E-s3--0f.nii.gz");
  EXPECT_TRUE(is_absent_from_annex(link));

  fs::create_directories(object);
  std::ofstream(object / object.filename()) << "abc";
  EXPECT_EQ(annex_key(link), "MD5E-s3--0f.nii.gz");
  EXPECT_FALSE(is_absent_from_annex(link));
}

TEST(AnnexTest, AnUnlockedFileWithoutContentIsAPointer) {
  const TemporaryDir folder;
  const std::string file = folder / "scan.nii.gz";
  std::ofstream(file) << "/annex/objects/MD5E-s3--0f.nii.gz\n";
  EXPECT_EQ(annex_key(file), "");
  EXPECT_TRUE(is_absent_from_annex(file));
  std::ofstream(file) << "abc";
  EXPECT_FALSE(is_absent_from_annex(file));
}

TEST(AnnexTest, OtherFilesHaveNoKey) {
  const TemporaryDir folder;
  fs::create_symlink("nowhere", folder / "link");
  for (const std::string& path : {folder / "link", folder / "none", folder.path().string()}) {
    EXPECT_EQ(annex_key(path), "");
    EXPECT_FALSE(is_absent_from_annex(path));
  }
}

TEST(AnnexTest, TheCommandIsThatOfAShell) {
  EXPECT_EQ(annex_get_command("/data/my scans/sub-01_T1w.nii.gz"),
            "datalad -C '/data/my scans' get sub-01_T1w.nii.gz");
}

}  // namespace
}  // namespace hypersynth
