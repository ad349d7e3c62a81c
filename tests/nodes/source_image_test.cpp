#include "nodes/source_image.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "image/nifti.h"
#include "pipeline/files/digest.h"
#include "support/phantom_head.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;

class SourceImageTest : public testing::Test {
 protected:
  SourceImageTest() {
    write_image(scan, PhantomHead{}.draw());
    write_image(other, PhantomHead{.seed = 2}.draw());
  }

  pipeline::NodeContext context_for(const std::string& file) const {
    return {"test", folder / "work", {}, 0, {}, {{fs::path(scan), pipeline::digest_of_file(file)}}};
  }

  TemporaryDir folder;
  std::string scan = folder / "scan.nii.gz";
  std::string other = folder / "other.nii.gz";
};

TEST_F(SourceImageTest, TheIdentityIsThatOfTheBytesThatWereRead) {
  SourceIdentity identity;
  const Image image = read_source(scan, context_for(scan), &identity);
  EXPECT_EQ(image.voxels, read_image(scan).voxels);
  EXPECT_EQ(identity.digest, pipeline::digest_of_file(scan).hex());
  EXPECT_EQ(identity.size_bytes, std::filesystem::file_size(scan));
}

TEST_F(SourceImageTest, OtherBytesThanThoseOfTheKeyAreRefused) {
  try {
    read_source(scan, context_for(other));
    FAIL() << "an image was read that is not the key's";
  } catch (const InputError& error) {
    EXPECT_EQ(error.path(), scan);
    EXPECT_THAT(error.found(), HasSubstr("changed"));
  }
}

TEST_F(SourceImageTest, AFaultOfTheImageIsToldWithItsOwnName) {
  std::ofstream(scan, std::ios::trunc) << "no image";
  try {
    read_source(scan, context_for(scan));
    FAIL() << "no image was read";
  } catch (const InputError& error) {
    EXPECT_EQ(error.path(), scan);
  }
}

TEST_F(SourceImageTest, APipeIsRefusedAndNotWaitedFor) {
  const std::string pipe = folder / "pipe.nii";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THROW(read_source(pipe, context_for(scan)), InputError);
}

TEST_F(SourceImageTest, APinnedFileStaysTheSameWhenItsNameGoesToAnother) {
  const PinnedFile file(scan);
  const std::string before = file.identity().digest;
  std::filesystem::rename(other, scan);
  EXPECT_EQ(file.identity().digest, before);
}

}  // namespace
}  // namespace hypersynth
