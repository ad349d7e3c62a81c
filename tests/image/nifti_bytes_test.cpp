#include "image/nifti_bytes.h"

#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>

#include "image/nifti.h"
#include "image/nifti_builder.h"
#include "image/nifti_header.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

NiftiHeader header_of(const std::string& bytes) {
  return parse_nifti_header(std::as_bytes(std::span(bytes)), "bytes");
}

/// What this program's own reader makes of the bytes.
LabelMap read_back(const std::string& bytes) {
  const TemporaryDir dir;
  write_bytes(dir / "labels.nii", bytes);
  return read_labels(dir / "labels.nii");
}

TEST(NiftiBytesTest, LabelsComeBackInTheSmallestTypeThatHoldsThem) {
  constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
  const Grid grid{{2, 3, 1}, {{{0, -1, 0, 5}, {1.5, 0, 0, -7}, {0, 0, 2, 3}, {0, 0, 0, 1}}}};
  for (const auto& [least, most, type] : {std::tuple{0, 255, NiftiType::kUint8},
                                          {-1, 255, NiftiType::kInt16},
                                          {0, 32767, NiftiType::kInt16},
                                          {0, 32768, NiftiType::kInt32},
                                          {-kMost, kMost, NiftiType::kInt32}}) {
    const LabelMap labels(grid, {least, most, 0, 1, 2, 3});
    const std::string bytes = nifti_bytes(labels);
    EXPECT_EQ(header_of(bytes).datatype, static_cast<std::int64_t>(type)) << most;
    const LabelMap back = read_back(bytes);
    EXPECT_EQ(back.voxels, labels.voxels);
    EXPECT_TRUE(same_grid(back.grid, grid));
  }
}

TEST(NiftiBytesTest, TheyAreNifti1AlsoFarFromTheOriginAndAfterAFileOfTwoForms) {
  Mask mask(Grid{{2, 2, 2}}, std::uint8_t{200});
  mask.grid.world_from_voxel[0][3] = 123456.789;
  mask.grid.forms = std::make_shared<NiftiForms>();
  const std::string bytes = nifti_bytes(mask);
  EXPECT_EQ(header_of(bytes).version, 1);
  EXPECT_EQ(bytes.size(), 352U + 8);
  EXPECT_EQ(static_cast<unsigned char>(bytes.back()), 200);
  const LabelMap back = read_back(bytes);
  EXPECT_TRUE(same_grid(back.grid, mask.grid, 0.01));
  EXPECT_EQ(back.voxels, std::vector<std::int32_t>(8, 200));
}

TEST(NiftiBytesTest, AnAxisThatNifti1CannotHoldIsRefused) {
  EXPECT_THROW(nifti_bytes(Mask(Grid{{40000, 1, 1}})), std::invalid_argument);
}

}  // namespace
}  // namespace hypersynth
