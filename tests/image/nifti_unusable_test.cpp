// Every kind of file that can't be used, and what is said about it.

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/error.h"
#include "image/nifti.h"
#include "image/nifti_builder.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

using testing::HasSubstr;

class UnusableInputTest : public testing::Test {
 protected:
  /// Path of a new file with these bytes.
  std::string file_of(const std::string& bytes, const std::string& name = "image.nii") {
    write_bytes(dir / name, bytes);
    return dir / name;
  }

  /// Reading and checking `path` fails, saying both phrases.
  static void expect_error(const std::string& path, const std::string& expected,
                           const std::string& found, ExitCode code = ExitCode::kSomeImagesFailed) {
    try {
      check_usable(read_image(path), path);
      ADD_FAILURE() << path << " was taken as usable";
    } catch (const InputError& error) {
      EXPECT_EQ(error.path(), path);
      EXPECT_THAT(error.expected(), HasSubstr(expected));
      EXPECT_THAT(error.found(), HasSubstr(found));
      EXPECT_EQ(error.code(), code);
    }
  }

  TemporaryDir dir;
};

TEST_F(UnusableInputTest, GoodFileIsUsable) {
  const std::string path = file_of(NiftiBuilder().build());
  EXPECT_NO_THROW(check_usable(read_image(path), path));
}

TEST_F(UnusableInputTest, EmptyFile) {
  expect_error(file_of(""), "a NIfTI image", "an empty file");
  expect_error(file_of("", "image.nii.gz"), "a NIfTI image", "an empty file");
}

TEST_F(UnusableInputTest, TruncatedHeader) {
  expect_error(file_of(NiftiBuilder().build().substr(0, 347)), "a NIfTI image", "only 347 bytes");
  write_gzip(dir / "image.nii.gz", NiftiBuilder().build().substr(0, 100));
  expect_error(dir / "image.nii.gz", "a NIfTI image", "only 100 bytes");
}

TEST_F(UnusableInputTest, TruncatedVoxels) {
  std::string bytes = NiftiBuilder().build();
  bytes.pop_back();
  expect_error(file_of(bytes), "227272 bytes", "truncated");
  write_gzip(dir / "image.nii.gz", bytes);
  expect_error(dir / "image.nii.gz", "226920 bytes of voxels", "truncated file with 226919");
}

TEST_F(UnusableInputTest, GzipStreamCutAnywhere) {
  write_gzip(dir / "whole.nii.gz", NiftiBuilder().build());
  const std::string whole = read_bytes(dir / "whole.nii.gz");
  for (const std::size_t kept :
       {std::size_t{20}, whole.size() / 2, whole.size() - 8, whole.size() - 1}) {
    expect_error(file_of(whole.substr(0, kept), "cut.nii.gz"), "a complete gzip stream",
                 "cut short");
  }
}

TEST_F(UnusableInputTest, GzipStreamWithWrongChecksum) {
  write_gzip(dir / "image.nii.gz", NiftiBuilder().build());
  std::string bytes = read_bytes(dir / "image.nii.gz");
  bytes[bytes.size() - 8] ^= 1;
  expect_error(file_of(bytes, "image.nii.gz"), "an intact gzip stream", "incorrect data check");
}

TEST_F(UnusableInputTest, GzipStreamWithDamage) {
  write_gzip(dir / "image.nii.gz", NiftiBuilder().build());
  std::string bytes = read_bytes(dir / "image.nii.gz");
  bytes[10] = '\xff';  // a deflate block of no known type
  expect_error(file_of(bytes, "image.nii.gz"), "an intact gzip stream", "invalid block type");
}

TEST_F(UnusableInputTest, SomethingElseThanNifti) {
  expect_error(file_of(std::string(5000, 'x')), "a NIfTI image", "no NIfTI signature");
}

TEST_F(UnusableInputTest, HtmlPage) {
  const std::string page = "\n  <!DOCTYPE html><html><body>404 Not Found</body></html>";
  expect_error(file_of(page), "a NIfTI image", "an HTML page");
  expect_error(file_of(page, "image.nii.gz"), "a NIfTI image", "an HTML page");
  expect_error(file_of("<HTML>" + std::string(1000, ' ')), "a NIfTI image", "an HTML page");
}

TEST_F(UnusableInputTest, DicomFile) {
  expect_error(file_of(std::string(128, '\0') + "DICM" + std::string(1000, 'x')), "a NIfTI image",
               "a DICOM file");
}

TEST_F(UnusableInputTest, AnalyzeHeader) {
  NiftiBuilder file;
  file.magic = std::string(4, '\0');
  expect_error(file_of(file.build()), "a NIfTI image", "Analyze 7.5");
}

TEST_F(UnusableInputTest, HeaderOfAnImagePair) {
  NiftiBuilder file;
  file.magic = std::string("ni1\0", 4);
  expect_error(file_of(file.build()), "a single-file NIfTI image", ".hdr/.img pair");
}

TEST_F(UnusableInputTest, MissingFile) {
  expect_error(dir / "none.nii", "a file", "nothing", ExitCode::kInputMissing);
  expect_error(file_of("x") + "/below.nii", "a file", "nothing", ExitCode::kInputMissing);
}

TEST_F(UnusableInputTest, Folder) {
  expect_error(dir.path().string(), "a regular file", "a folder");
}

TEST_F(UnusableInputTest, NamedPipeDoesNotHang) {
  ASSERT_EQ(::mkfifo((dir / "pipe.nii").c_str(), 0600), 0);
  expect_error(dir / "pipe.nii", "a regular file", "a named pipe");
}

TEST_F(UnusableInputTest, DeviceIsNotReadForEver) {
  std::filesystem::create_symlink("/dev/zero", dir / "image.nii");
  expect_error(dir / "image.nii", "a regular file", "a device");
}

TEST_F(UnusableInputTest, FileWithoutReadPermission) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read every file";
  const std::string path = file_of(NiftiBuilder().build());
  std::filesystem::permissions(path, std::filesystem::perms::none);
  expect_error(path, "a readable file", "Permission denied");
}

TEST_F(UnusableInputTest, FileThatFailsWhileReading) {
  if (!std::filesystem::exists("/proc/self/mem")) GTEST_SKIP() << "needs Linux's /proc";
  expect_error("/proc/self/mem", "a readable file", "Input/output error");
}

TEST_F(UnusableInputTest, DanglingGitAnnexLink) {
  std::filesystem::create_symlink("../.git/annex/objects/1f/K9/MD5E-s1--0.nii.gz/x.nii.gz",
                                  dir / "link.nii.gz");
  expect_error(dir / "link.nii.gz", "a file",
               "datalad -C " + dir.path().string() + " get link.nii.gz", ExitCode::kInputMissing);
  std::filesystem::create_symlink("elsewhere.nii", dir / "plain.nii");
  expect_error(dir / "plain.nii", "a file", "a link to nothing: elsewhere.nii",
               ExitCode::kInputMissing);
}

TEST_F(UnusableInputTest, PointerFilesOfGitAnnexAndGitLfs) {
  expect_error(file_of("/annex/objects/MD5E-s3510351--0f.nii.gz\n"), "a NIfTI image",
               "datalad get");
  expect_error(file_of("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
               "a NIfTI image", "git lfs pull");
}

TEST_F(UnusableInputTest, SeveralFrames) {
  NiftiBuilder file;
  file.dim = {60, 61, 62, 2};
  expect_error(file_of(file.build()), "one 3-D frame", "several frames, 60 x 61 x 62 x 2");
  file = {};
  file.dim = {60, 61, 62, 1, 3};
  expect_error(file_of(file.build()), "one 3-D frame", "several frames, 60 x 61 x 62 x 1 x 3");
}

TEST_F(UnusableInputTest, TwoDimensions) {
  NiftiBuilder file;
  file.dim = {200, 200};
  expect_error(file_of(file.build()), "a 3-D image", "a 2-D image, 200 x 200");
}

TEST_F(UnusableInputTest, ZeroOrNegativeDimensions) {
  for (const std::int64_t bad : {0, -60}) {
    NiftiBuilder file;
    file.dim = {60, bad, 62};
    file.voxels = {0};
    expect_error(file_of(file.build()), "positive dimensions", "60 x " + std::to_string(bad));
  }
  NiftiBuilder file;
  file.dim.assign(8, 1);  // dim[0] of 8
  expect_error(file_of(file.build()), "a 3-D image", "8 dimensions");
}

TEST_F(UnusableInputTest, DimensionsThatNeedTerabytesAllocateNothing) {
  NiftiBuilder file;
  file.dim = {32767, 32767, 32767};
  file.voxels = {0};
  expect_error(file_of(file.build()), "35181150962015 bytes", "truncated");
  write_gzip(dir / "image.nii.gz", file.build());
  expect_error(dir / "image.nii.gz", "35181150962015 bytes", "truncated");
  file = {};
  file.version = 2;
  file.dim = {std::int64_t{1} << 40, std::int64_t{1} << 40, std::int64_t{1} << 40};
  file.voxels = {0};
  expect_error(file_of(file.build()), "an image that fits a file", "1099511627776");
}

TEST_F(UnusableInputTest, DataOffsetInsideTheHeaderOrNowhere) {
  for (const double offset : {100.0, 1e30, std::numeric_limits<double>::quiet_NaN()}) {
    NiftiBuilder file;
    file.data_offset = offset;
    expect_error(file_of(file.build()), "voxel data behind the header", "data offset");
  }
}

TEST_F(UnusableInputTest, ColourAndComplexVoxels) {
  for (const int datatype : {128, 2304}) {
    NiftiBuilder file;
    file.datatype = datatype;
    expect_error(file_of(file.build()), "real-valued voxels", "RGB colour");
  }
  for (const int datatype : {32, 1792, 2048}) {
    NiftiBuilder file;
    file.datatype = datatype;
    expect_error(file_of(file.build()), "real-valued voxels", "complex numbers");
  }
  for (const int datatype : {0, 1, 1536, -2, 32767}) {
    NiftiBuilder file;
    file.datatype = datatype;
    expect_error(file_of(file.build()), "real-valued voxels",
                 "NIfTI datatype " + std::to_string(datatype));
  }
}

TEST_F(UnusableInputTest, HeaderWithoutOrientation) {
  NiftiBuilder file;
  file.sform_code = 0;
  expect_error(file_of(file.build()), "an orientation in the header", "without orientation");
}

TEST_F(UnusableInputTest, SingularAffine) {
  NiftiBuilder file;
  file.srow = {1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0};
  expect_error(file_of(file.build()), "a regular voxel-to-world affine", "singular");
  file.srow = {};
  expect_error(file_of(file.build()), "a regular voxel-to-world affine", "singular");
  file.srow[3] = std::nan("");
  expect_error(file_of(file.build()), "a regular voxel-to-world affine", "not finite");
  file.version = 2;
  file.magic.clear();
  file.srow = {1e-200, 0, 0, 0, 0, 1e200, 0, 0, 0, 0, 1, 0};
  expect_error(file_of(file.build()), "a regular voxel-to-world affine", "out of any scale");
}

TEST_F(UnusableInputTest, QformWithoutVoxelSizes) {
  for (const double size : {0.0, -1.0, std::nan("")}) {
    NiftiBuilder file;
    file.sform_code = 0;
    file.qform_code = 1;
    file.pixdim = {1, 1, size, 1};
    expect_error(file_of(file.build()), "a regular voxel-to-world affine",
                 "no sform (code 0) and a qform (code 1) that is without positive voxel sizes");
  }
}

TEST_F(UnusableInputTest, VoxelsAboveTenMillimetres) {
  NiftiBuilder file;
  file.srow[10] = 10.5;
  expect_error(file_of(file.build()), "voxels of at most 10 mm", "1 x 1 x 10.5 mm");
}

TEST_F(UnusableInputTest, FieldOfViewBelowFiftyMillimetres) {
  NiftiBuilder file;
  file.dim = {60, 61, 49};
  expect_error(file_of(file.build()), "a field of view of at least 50 mm", "60 x 61 x 49 mm");
}

TEST_F(UnusableInputTest, AllZero) {
  NiftiBuilder file;
  file.voxels.assign(file.voxel_count(), 0);
  expect_error(file_of(file.build()), "an image with contrast", "all voxels zero");
}

TEST_F(UnusableInputTest, Constant) {
  NiftiBuilder file;
  file.voxels.assign(file.voxel_count(), 7);
  expect_error(file_of(file.build()), "an image with contrast", "all voxels equal to 7");
}

TEST_F(UnusableInputTest, NanAndInfinity) {
  NiftiBuilder file;
  file.datatype = 16;
  file.voxels.assign(file.voxel_count(), 7);
  file.voxels[5] = std::nan("");
  expect_error(file_of(file.build()), "finite intensities", "1 voxel of NaN or infinity");
  file.voxels[9] = -std::numeric_limits<double>::infinity();
  expect_error(file_of(file.build()), "finite intensities", "2 voxels of NaN or infinity");
}

TEST_F(UnusableInputTest, AnInterceptThatIsNoNumberIsTheHeadersFault) {
  NiftiBuilder file;
  file.slope = 1;
  file.inter = std::nan("");
  expect_error(file_of(file.build()), "intercept (scl_inter) in the header", "the value nan");
}

TEST_F(UnusableInputTest, ScalingThatOverflows) {
  NiftiBuilder file;
  file.version = 2;
  file.slope = 1e300;
  expect_error(file_of(file.build()), "finite intensities", "of NaN or infinity; replace them");
}

TEST_F(UnusableInputTest, WhatGoesOnBehindTheVoxelsIsNotReadToItsEnd) {
  const std::string bytes = NiftiBuilder().build() + std::string(64 << 20, '\0');
  expect_error(file_of(bytes), "a file that ends with its 226920 bytes of voxels",
               "more than 65536 bytes behind them");
  // A reader that went on to the end would find that it is cut off.
  write_gzip(dir / "image.nii.gz", bytes);
  std::filesystem::resize_file(dir / "image.nii.gz",
                               std::filesystem::file_size(dir / "image.nii.gz") - 8);
  expect_error(dir / "image.nii.gz", "a file that ends with its 226920 bytes of voxels",
               "more than 65536 bytes behind them");
}

TEST_F(UnusableInputTest, AFileThatIsTooLongIsKnownByItsHeaderAlone) {
  const std::string path = file_of(NiftiBuilder().build());
  EXPECT_NO_THROW(read_grid(path));
  std::filesystem::resize_file(path, std::uintmax_t{3} << 30);  // takes no room on the disk
  EXPECT_THROW(read_grid(path), InputError);
}

TEST_F(UnusableInputTest, ExtensionOfGigabytesIsNotReadThrough) {
  NiftiBuilder file;
  file.data_offset = 3e9;
  expect_error(file_of(file.build()), "voxel data behind the header", "data offset 3000000000");
}

TEST_F(UnusableInputTest, ChecksumBehindPaddingIsVerified) {
  write_gzip(dir / "image.nii.gz", NiftiBuilder().build() + std::string(1000, '\0'));
  std::string bytes = read_bytes(dir / "image.nii.gz");
  bytes[bytes.size() - 8] ^= 1;
  expect_error(file_of(bytes, "image.nii.gz"), "an intact gzip stream", "incorrect data check");
}

}  // namespace
}  // namespace hypersynth
