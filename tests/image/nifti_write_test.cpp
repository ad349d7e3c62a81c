#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "core/error.h"
#include "image/nifti.h"
#include "image/nifti_builder.h"
#include "image/nifti_header.h"
#include "image/rotation.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

Grid sheared_grid() {
  Grid grid{{30, 31, 32},
            {{{1, 0.2, 0, -91.3}, {0, 1.1, -0.3, 12.25}, {0.1, 0.4, 2, 7.5}, {0, 0, 0, 1}}}};
  grid.world_code = 4;
  return grid;
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

NiftiHeader header_of(const std::string& path) {
  const std::string bytes = read_bytes(path);
  return parse_nifti_header(std::as_bytes(std::span(bytes)), path);
}

struct LabelRange {
  std::int32_t least;
  std::int32_t most;
  NiftiType type;
};

TEST(NiftiWriteTest, LabelsAreStoredAsTheSmallestIntegerThatFits) {
  const TemporaryDir dir;
  const LabelRange ranges[] = {{0, 255, NiftiType::kUint8},
                               {-128, 127, NiftiType::kInt8},
                               {-1, 128, NiftiType::kInt16},
                               {0, 32767, NiftiType::kInt16},
                               {0, 65535, NiftiType::kUint16},
                               {-1, 32768, NiftiType::kInt32},
                               {-2147483647 - 1, 2147483647, NiftiType::kInt32}};
  for (const auto& range : ranges) {
    const LabelMap labels = random_labels(range.least, range.most);
    for (const char* name : {"labels.nii", "labels.nii.gz"}) {
      write_labels(dir / name, labels);
      EXPECT_EQ(read_labels(dir / name).voxels, labels.voxels);
    }
    EXPECT_EQ(header_of(dir / "labels.nii").datatype, static_cast<std::int64_t>(range.type))
        << range.least << " to " << range.most;
  }
}

TEST(NiftiWriteTest, GeometryIsKeptEvenWithShear) {
  const TemporaryDir dir;
  const LabelMap labels = random_labels(0, 33);
  write_labels(dir / "labels.nii", labels);
  const Grid back = read_grid(dir / "labels.nii");
  EXPECT_TRUE(same_grid(back, labels.grid, 1e-5));
  EXPECT_EQ(back.world_code, 4);
  const NiftiHeader header = header_of(dir / "labels.nii");
  EXPECT_EQ(header.version, 1);
  EXPECT_EQ(header.sform_code, 4);
  EXPECT_EQ(header.qform_code, 4);
  EXPECT_EQ(header.units, 2);
  EXPECT_NEAR(header.pixdim[2], std::sqrt(0.04 + 1.21 + 0.16), 1e-6);
}

/// The affine that a reader of the qform alone sees.
Grid qform_grid(NiftiHeader header) {
  header.sform_code = 0;
  return grid_of(header, "header");
}

TEST(NiftiWriteTest, QformEqualsTheSformOfEveryRandomRotationWithFlips) {
  std::mt19937 generator(7);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> size(0.3, 4);
  for (int trial = 0; trial < 500; ++trial) {
    std::array<double, 4> q{};
    for (auto& element : q) element = normal(generator);
    const double length = std::hypot(std::hypot(q[0], q[1]), std::hypot(q[2], q[3]));
    const double sign = q[0] < 0 ? -1 : 1;
    Grid grid{{9, 9, 9},
              rotation_from_quaternion(
                  {sign * q[1] / length, sign * q[2] / length, sign * q[3] / length})};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double scale = size(generator) * (trial >> axis & 1 ? -1 : 1);
      for (std::size_t row = 0; row < 3; ++row) grid.world_from_voxel[row][axis] *= scale;
      grid.world_from_voxel[axis][3] = 100 * normal(generator);
    }
    const NiftiHeader header = make_nifti_header(grid, 1, NiftiType::kUint8);
    EXPECT_TRUE(same_grid(qform_grid(header), grid, 1e-6)) << trial;
  }
}

TEST(NiftiWriteTest, EncodedHeaderParsesToItself) {
  for (const std::int64_t length : {std::int64_t{40}, std::int64_t{40000}}) {
    Grid grid = sheared_grid();
    grid.shape[1] = length;
    const NiftiHeader header = make_nifti_header(grid, 5, NiftiType::kInt16);
    const auto bytes = encode_nifti_header(header);
    const NiftiHeader back = parse_nifti_header(bytes, "header");
    EXPECT_EQ(back.version, length > 32767 ? 2 : 1);
    EXPECT_EQ(back.dim, header.dim);
    EXPECT_EQ(back.datatype, header.datatype);
    EXPECT_EQ(back.data_offset, static_cast<double>(bytes.size()));
    for (std::size_t i = 0; i < 8; ++i) EXPECT_NEAR(back.pixdim[i], header.pixdim[i], 1e-6);
  }
}

TEST(NiftiWriteTest, AffineTooFineForNifti1IsKeptByNifti2) {
  Grid grid = sheared_grid();
  grid.world_from_voxel[0][3] = 1234.56789;
  EXPECT_EQ(make_nifti_header(grid, 1, NiftiType::kUint8).version, 2);
}

TEST(NiftiWriteTest, MaskIsStoredAsZeroAndOne) {
  const TemporaryDir dir;
  Mask mask(sheared_grid());
  mask.voxels[3] = 200;
  write_mask(dir / "mask.nii.gz", mask);
  const LabelMap back = read_labels(dir / "mask.nii.gz");
  EXPECT_EQ(back.voxels[3], 1);
  EXPECT_EQ(std::count(back.voxels.begin(), back.voxels.end(), 0), mask.grid.voxel_count() - 1);
}

TEST(NiftiWriteTest, IntensitiesComeBackExactly) {
  const TemporaryDir dir;
  std::mt19937 generator(5);
  std::normal_distribution<float> normal(0, 1e4F);
  Image image(sheared_grid());
  for (auto& value : image.voxels) value = normal(generator);
  write_image(dir / "image.nii.gz", image);
  EXPECT_EQ(read_image(dir / "image.nii.gz").voxels, image.voxels);
}

TEST(NiftiWriteTest, PosteriorsAreStoredClassByClassToTwoInHundredThousand) {
  const TemporaryDir dir;
  const Grid grid = sheared_grid();
  const auto count = static_cast<std::size_t>(grid.voxel_count());
  std::vector<float> values(count);
  std::mt19937 generator(5);
  std::uniform_real_distribution<float> uniform(-0.1F, 1.1F);
  std::vector<float> written;
  write_posteriors(
      dir / "posteriors.nii", grid, 3, [&](std::int64_t) -> const auto& {
        for (auto& value : values) value = uniform(generator);
        written.insert(written.end(), values.begin(), values.end());
        return values;
      });
  const std::string bytes = read_bytes(dir / "posteriors.nii");
  const NiftiHeader header = header_of(dir / "posteriors.nii");
  EXPECT_EQ(header.dim, (std::array<std::int64_t, 8>{4, 30, 31, 32, 3, 1, 1, 1}));
  ASSERT_EQ(bytes.size(), 352 + 2 * written.size());
  for (std::size_t i = 0; i < written.size(); ++i) {
    std::int16_t stored = 0;
    std::memcpy(&stored, bytes.data() + 352 + 2 * i, 2);
    const double expected = std::clamp(written[i], 0.0F, 1.0F);
    ASSERT_NEAR(stored * header.scl_slope, expected, 2e-5) << i;
  }
}

TEST(NiftiWriteTest, PosteriorOfAnotherSizeIsRefusedAndLeavesNothing) {
  const TemporaryDir dir;
  const std::vector<float> values(7);
  EXPECT_THROW(write_posteriors(
                   dir / "posteriors.nii", sheared_grid(),
                   3, [&](std::int64_t) -> const auto& { return values; }),
               std::invalid_argument);
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

}  // namespace
}  // namespace hypersynth
