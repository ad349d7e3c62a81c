// The affines written in here are what nibabel 5.0 reads from the same bytes.

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/error.h"
#include "image/nifti.h"
#include "image/nifti_builder.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

NiftiBuilder small_file() {
  NiftiBuilder file;
  file.dim = {5, 4, 3};
  file.pixdim = {1, 1.5, 0.8, 2.25};
  file.quaternion = {0.1, -0.3, 0.2};
  file.qoffset = {-12.5, 33.25, 7};
  file.srow = {-1.5, 0, 0, 90, 0, 0, 2.25, -126, 0, 0.8, 0, -72};
  return file;
}

/// Every combination of version, byte order and compression of `file`.
std::vector<std::string> write_variants(NiftiBuilder file, const TemporaryDir& dir) {
  std::vector<std::string> paths;
  for (const int version : {1, 2}) {
    for (const bool big_endian : {false, true}) {
      file.version = version;
      file.big_endian = big_endian;
      file.magic.clear();
      const std::string bytes = file.build();
      const std::string name =
          dir / ("v" + std::to_string(version) + (big_endian ? "big" : "little") + ".nii");
      write_bytes(name, bytes);
      write_gzip(name + ".gz", bytes);
      paths.push_back(name);
      paths.push_back(name + ".gz");
    }
  }
  return paths;
}

struct StoredType {
  int datatype;
  double least;
  double step;
};

constexpr StoredType kStoredTypes[] = {
    {2, 100, 1},     {256, -30, 1},       {4, -30000, 1000},  {512, 5000, 1000}, {8, -100000, 1e5},
    {768, 4e9, 1e5}, {1024, -1e9, 16777}, {1280, 1e9, 16777}, {16, -3.5, 0.25},  {64, -3.5, 0.25}};

TEST(NiftiReadTest, EveryVoxelTypeReadsInBothVersionsAndByteOrders) {
  const TemporaryDir dir;
  for (const auto& type : kStoredTypes) {
    NiftiBuilder file = small_file();
    file.datatype = type.datatype;
    for (int i = 0; i < 60; ++i) file.voxels.push_back(type.least + type.step * i);
    for (const auto& path : write_variants(file, dir)) {
      const Image image = read_image(path);
      ASSERT_EQ(image.grid.shape, (std::array<std::int64_t, 3>{5, 4, 3}));
      for (std::size_t i = 0; i < 60; ++i) {
        ASSERT_EQ(image.voxels[i], static_cast<float>(file.voxels[i]))
            << path << " datatype " << type.datatype << " voxel " << i;
      }
    }
  }
}

TEST(NiftiReadTest, SlopeAndInterceptScaleEveryVoxelType) {
  const TemporaryDir dir;
  for (const auto& type : kStoredTypes) {
    NiftiBuilder file = small_file();
    file.datatype = type.datatype;
    file.slope = 0.5;
    file.inter = -10;
    for (int i = 0; i < 60; ++i) file.voxels.push_back(type.least + type.step * i);
    for (const auto& path : write_variants(file, dir)) {
      const Image image = read_image(path);
      for (std::size_t i = 0; i < 60; ++i) {
        ASSERT_EQ(image.voxels[i], static_cast<float>(file.voxels[i] * 0.5 - 10)) << path;
      }
    }
  }
}

TEST(NiftiReadTest, SlopeOfZeroOrNanLeavesValuesAlone) {
  const TemporaryDir dir;
  for (const double slope : {0.0, std::nan("")}) {
    NiftiBuilder file = small_file();
    file.slope = slope;
    file.inter = 7;
    write_bytes(dir / "image.nii", file.build());
    EXPECT_EQ(read_image(dir / "image.nii").voxels[59], 59);
  }
}

void expect_affine(const NiftiBuilder& file, const std::array<double, 12>& expected) {
  const TemporaryDir dir;
  for (const auto& path : write_variants(file, dir)) {
    const Grid grid = read_grid(path);
    for (std::size_t i = 0; i < 12; ++i) {
      EXPECT_NEAR(grid.world_from_voxel[i / 4][i % 4], expected[i], 1e-6) << path << " " << i;
    }
  }
}

TEST(NiftiOrientationTest, SformIsTakenAsItIs) {
  expect_affine(small_file(), {-1.5, 0, 0, 90, 0, 0, 2.25, -126, 0, 0.8, 0, -72});
}

TEST(NiftiOrientationTest, ShearedSformIsTakenAsItIs) {
  NiftiBuilder file = small_file();
  file.srow = {1.2, 0.3, -0.1, -40, 0.05, 0.9, 0.25, -50, -0.2, 0.1, 2, -60};
  expect_affine(file, file.srow);
}

TEST(NiftiOrientationTest, SformWinsOverQform) {
  NiftiBuilder file = small_file();
  file.qform_code = 1;
  file.sform_code = 4;
  expect_affine(file, file.srow);
}

TEST(NiftiOrientationTest, QformIsUsedWhereThereIsNoSform) {
  NiftiBuilder file = small_file();
  file.qform_code = 1;
  file.sform_code = 0;
  expect_affine(file, {1.1099999749660487, -0.34475580254659294, -1.1619385376665237, -12.5,
                       0.4664171103077296, 0.7200000083446502, -0.6873128511709844, 33.25,
                       0.8946256953539611, 0.05237789292864604, 1.7999999664723867, 7});
}

TEST(NiftiOrientationTest, NegativeQfacMirrorsTheThirdAxis) {
  NiftiBuilder file = small_file();
  file.qform_code = 2;
  file.sform_code = 0;
  file.pixdim[0] = -1;
  expect_affine(file, {1.1099999749660487, -0.34475580254659294, 1.1619385376665237, -12.5,
                       0.4664171103077296, 0.7200000083446502, 0.6873128511709844, 33.25,
                       0.8946256953539611, 0.05237789292864604, -1.7999999664723867, 7});
}

TEST(NiftiOrientationTest, QuaternionOfHalfATurnAndQfacOfZeroAreAccepted) {
  NiftiBuilder file = small_file();
  file.qform_code = 1;
  file.sform_code = 0;
  file.pixdim[0] = 0;
  file.quaternion = {0, 0.6, 0.8};
  expect_affine(file, {-1.5, 0, 0, -12.5, 0, -0.22399998502731333, 2.1600000150203695, 33.25, 0,
                       0.7680000167846677, 0.6299999485015879, 7});
}

TEST(NiftiReadTest, WorldCodeIsThatOfTheFormUsed) {
  const TemporaryDir dir;
  NiftiBuilder file = small_file();
  file.qform_code = 1;
  file.sform_code = 4;
  write_bytes(dir / "image.nii", file.build());
  EXPECT_EQ(read_grid(dir / "image.nii").world_code, 4);
}

TEST(NiftiReadTest, FourDimensionsWithOneFrameAreOneImage) {
  const TemporaryDir dir;
  for (const std::vector<std::int64_t>& dim :
       {std::vector<std::int64_t>{5, 4, 3, 1}, std::vector<std::int64_t>{5, 4, 3, 1, 1}}) {
    NiftiBuilder file = small_file();
    file.dim = dim;
    for (const auto& path : write_variants(file, dir)) {
      EXPECT_EQ(read_image(path).voxels[59], 59);
    }
  }
}

TEST(NiftiReadTest, HeaderExtensionIsSkipped) {
  const TemporaryDir dir;
  NiftiBuilder file = small_file();
  file.data_offset = 400;
  std::string bytes = file.build();
  bytes.insert(352, std::string(48, 'x'));
  write_bytes(dir / "image.nii", bytes);
  EXPECT_EQ(read_image(dir / "image.nii").voxels[59], 59);
}

TEST(NiftiReadTest, ContentNotNameTellsWhetherItIsCompressed) {
  const TemporaryDir dir;
  const std::string bytes = small_file().build();
  write_gzip(dir / "compressed.nii", bytes);
  write_bytes(dir / "plain.nii.gz", bytes);
  EXPECT_EQ(read_image(dir / "compressed.nii").voxels[59], 59);
  EXPECT_EQ(read_image(dir / "plain.nii.gz").voxels[59], 59);
}

TEST(NiftiLabelsTest, LabelsStoredAsFloatsAreRounded) {
  const TemporaryDir dir;
  NiftiBuilder file = small_file();
  file.datatype = 16;
  for (int i = 0; i < 60; ++i) file.voxels.push_back(i + (i % 3 - 1) * 9e-4);
  for (const auto& path : write_variants(file, dir)) {
    const LabelMap labels = read_labels(path);
    for (int i = 0; i < 60; ++i) EXPECT_EQ(labels.voxels[static_cast<std::size_t>(i)], i);
  }
}

TEST(NiftiLabelsTest, ValuesThatAreNoIntegersAreNoLabels) {
  const TemporaryDir dir;
  for (const double value : {1.01, std::nan(""), std::numeric_limits<double>::infinity(), 3e9}) {
    NiftiBuilder file = small_file();
    file.datatype = 64;
    file.voxels.assign(60, 2);
    file.voxels[31] = value;
    write_bytes(dir / "labels.nii", file.build());
    try {
      read_labels(dir / "labels.nii");
      ADD_FAILURE() << value << " was read as a label";
    } catch (const InputError& error) {
      EXPECT_EQ(error.path(), dir / "labels.nii");
      EXPECT_EQ(error.expected(), "integer labels of at most 32 bits");
    }
  }
}

}  // namespace
}  // namespace hypersynth
