#include "image/masked_copy.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "core/error.h"
#include "image/nifti.h"
#include "image/nifti_builder.h"
#include "image/nifti_header.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

class MaskedCopyTest : public testing::Test {
 protected:
  /// Every third voxel is inside.
  static Mask mask_of(const NiftiBuilder& file) {
    Grid grid;
    for (std::size_t axis = 0; axis < 3; ++axis) grid.shape[axis] = file.dim[axis];
    Mask mask(grid);
    for (std::size_t v = 0; v < mask.voxels.size(); v += 3) mask.voxels[v] = 1;
    return mask;
  }

  TemporaryDir folder;
};

TEST_F(MaskedCopyTest, KeepsHeaderTypeByteOrderAndTheBytesInside) {
  for (const int datatype : {2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280}) {
    for (const bool big_endian : {false, true}) {
      for (const int version : {1, 2}) {
        SCOPED_TRACE(std::to_string(datatype) + (big_endian ? " big-endian " : " ") +
                     std::to_string(version));
        NiftiBuilder file;
        file.dim = {7, 5, 6};
        file.datatype = datatype;
        file.big_endian = big_endian;
        file.version = version;
        file.data_offset = 600;  // as behind an extension
        std::string bytes = file.build();
        const std::size_t head = version == 1 ? 352 : 544;
        bytes.insert(head, std::string(600 - head, 'x'));
        const std::size_t size = size_of(static_cast<NiftiType>(datatype));
        write_gzip(folder / "in.nii.gz", bytes + "padding");
        const Mask mask = mask_of(file);
        write_masked_copy(folder / "in.nii.gz", mask, folder / "out.nii");
        const std::string copy = read_bytes(folder / "out.nii");
        ASSERT_EQ(copy.size(), bytes.size());
        EXPECT_EQ(copy.substr(0, 600), bytes.substr(0, 600));
        for (std::size_t v = 0; v < mask.voxels.size(); ++v) {
          const std::size_t at = 600 + v * size;
          EXPECT_EQ(copy.substr(at, size),
                    mask.voxels[v] != 0 ? bytes.substr(at, size) : std::string(size, '\0'));
        }
      }
    }
  }
}

TEST_F(MaskedCopyTest, OutsideIsTheStoredValueWhoseIntensityIsNearestToZero) {
  struct Case {
    int datatype;
    double slope, inter, nearest;
  };
  for (const auto& [datatype, slope, inter, nearest] :
       {Case{4, 0.5, -100, 0}, Case{4, 3, 5, -1}, Case{2, 1, 50, 50}, Case{16, 3, -7, 0},
        Case{2, 0, 30, 0}}) {
    NiftiBuilder file;
    file.datatype = datatype;
    file.slope = slope;
    file.inter = inter;
    write_bytes(folder / "in.nii", file.build());
    const Mask mask = mask_of(file);
    write_masked_copy(folder / "in.nii", mask, folder / "out.nii.gz");
    const Image source = read_image(folder / "in.nii");
    const Image copy = read_image(folder / "out.nii.gz");
    EXPECT_EQ(copy.voxels[0], source.voxels[0]);
    EXPECT_NEAR(copy.voxels[1], nearest, 1e-5) << datatype << " " << slope << " " << inter;
  }
}

TEST_F(MaskedCopyTest, RefusesAnotherShapeAndACutFileAndLeavesNothing) {
  NiftiBuilder file;
  const std::string bytes = file.build();
  write_bytes(folder / "in.nii", bytes);
  Mask other = mask_of(file);
  std::swap(other.grid.shape[0], other.grid.shape[1]);
  EXPECT_THROW(write_masked_copy(folder / "in.nii", other, folder / "out.nii"), InputError);
  write_bytes(folder / "in.nii", bytes.substr(0, bytes.size() - 1));
  EXPECT_THROW(write_masked_copy(folder / "in.nii", mask_of(file), folder / "out.nii"), InputError);
  EXPECT_FALSE(std::filesystem::exists(folder / "out.nii"));
}

}  // namespace
}  // namespace hypersynth
