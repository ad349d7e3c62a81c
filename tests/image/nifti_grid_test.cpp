// Where a header places its voxels: two forms that may contradict each other, in three units.

#include <cmath>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "image/nifti.h"
#include "image/nifti_builder.h"
#include "image/nifti_header.h"
#include "image/orientation.h"
#include "image/rotation.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A head of 2 mm voxels whose qform and sform agree.
NiftiBuilder agreeing_file() {
  NiftiBuilder file;
  file.dim = {30, 31, 32};
  file.pixdim = {1, 2, 2, 2};
  file.qform_code = 1;
  file.sform_code = 2;
  file.qoffset = {-30, -31, -32};
  file.srow = {2, 0, 0, -30, 0, 2, 0, -31, 0, 0, 2, -32};
  return file;
}

NiftiBuilder mirrored_file() {
  NiftiBuilder file = agreeing_file();
  file.srow[0] = -2;
  file.srow[3] = 30;
  return file;
}

struct ReadFile {
  Image image;
  std::vector<std::string> warnings;
};

/// Every reading of `file`: of both versions, each with what was warned of.
std::vector<ReadFile> read_all(NiftiBuilder file) {
  const TemporaryDir dir;
  std::vector<ReadFile> all;
  for (const int version : {1, 2}) {
    file.version = version;
    file.magic.clear();
    write_bytes(dir / "image.nii", file.build());
    ReadFile& read = all.emplace_back();
    const Log log([&](LogLevel level, std::string_view text) {
      EXPECT_EQ(level, LogLevel::kWarning);
      read.warnings.emplace_back(text);
    });
    read.image = read_image(dir / "image.nii", log);
  }
  return all;
}

NiftiHeader header_of(const std::string& path) {
  const std::string bytes = read_bytes(path);
  return parse_nifti_header(std::as_bytes(std::span(bytes)), path);
}

void expect_same_forms(const NiftiHeader& written, const NiftiHeader& source) {
  EXPECT_EQ(written.qform_code, source.qform_code);
  EXPECT_EQ(written.sform_code, source.sform_code);
  EXPECT_EQ(written.units, source.units == 0 ? 2 : source.units);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(written.pixdim[i], source.pixdim[i], 1e-6);
  for (std::size_t row = 0; row < 3; ++row) {
    EXPECT_NEAR(written.quaternion[row], source.quaternion[row], 1e-7);
    EXPECT_NEAR(written.qoffset[row], source.qoffset[row], 1e-5);
    for (std::size_t i = 0; i < 4; ++i)
      EXPECT_NEAR(written.srow[row][i], source.srow[row][i], 1e-5);
  }
}

/// Labels, mask and posteriors on the grid of `file`, the labels also after a detour through RAS
/// and another file, carry the forms of `file`.
void expect_forms_are_kept(const NiftiBuilder& file) {
  const TemporaryDir dir;
  NiftiBuilder source = file;
  write_bytes(dir / "source.nii", source.build());
  const Image image = read_image(dir / "source.nii");
  const LabelMap labels = from_ras(LabelMap(ras_grid(image.grid), 3), image.grid);
  write_labels(dir / "labels.nii", labels);
  const LabelMap again = read_labels(dir / "labels.nii");
  write_labels(dir / "again.nii", again);
  write_mask(dir / "mask.nii", Mask(again.grid, 1));
  const std::vector<float> values(again.voxels.size());
  write_posteriors(
      dir / "posteriors.nii", image.grid, 2, [&](std::int64_t) -> const auto& { return values; });
  for (const char* name : {"labels.nii", "again.nii", "mask.nii", "posteriors.nii"}) {
    SCOPED_TRACE(name);
    expect_same_forms(header_of(dir / name), header_of(dir / "source.nii"));
    if (std::string(name) == "posteriors.nii") continue;  // several frames are no image
    EXPECT_TRUE(same_grid(read_grid(dir / name), image.grid, 1e-12));
  }
}

TEST(NiftiFormsTest, BothFormsOfTheSourceAreWrittenBackEvenWhereTheyContradictEachOther) {
  for (const int version : {1, 2}) {
    NiftiBuilder file = mirrored_file();
    file.version = version;
    file.quaternion = {0.1, -0.3, 0.2};
    file.pixdim = {-1, 2.1, 2.2, 2.3};
    expect_forms_are_kept(file);
  }
}

TEST(NiftiFormsTest, FormsInMetresAreWrittenBackInMetres) {
  NiftiBuilder file = agreeing_file();
  file.units = 1;
  for (double& value : file.srow) value *= 0.001;
  for (double& value : file.qoffset) value *= 0.001;
  file.pixdim = {1, 0.002, 0.002, 0.002};
  expect_forms_are_kept(file);
}

TEST(NiftiFormsTest, TheOnlyFormIsWrittenInPlaceOfTheOther) {
  const TemporaryDir dir;
  for (const bool by_sform : {true, false}) {
    NiftiBuilder file = mirrored_file();
    file.qform_code = by_sform ? 0 : 3;
    file.sform_code = by_sform ? 4 : 0;
    write_bytes(dir / "source.nii", file.build());
    const Image image = read_image(dir / "source.nii");
    write_image(dir / "image.nii", image);
    NiftiHeader header = header_of(dir / "image.nii");
    EXPECT_EQ(header.qform_code, by_sform ? 4 : 3);
    EXPECT_EQ(header.sform_code, by_sform ? 4 : 3);
    for (auto* code : {&header.qform_code, &header.sform_code}) {
      NiftiHeader one = header;
      (code == &header.qform_code ? one.sform_code : one.qform_code) = 0;
      EXPECT_TRUE(same_grid(grid_of(one, ""), image.grid));
    }
  }
}

TEST(NiftiFormsTest, AnotherGridHasOneFormOnly) {
  const Image image = read_all(mirrored_file())[0].image;
  for (Grid grid : {ras_grid(image.grid), image.grid}) {
    grid.world_from_voxel[0][3] += 1;
    const NiftiHeader header = make_nifti_header(grid, 1, NiftiType::kUint8);
    NiftiHeader qform_only = header;
    qform_only.sform_code = 0;
    EXPECT_TRUE(same_grid(grid_of(qform_only, ""), grid));
    EXPECT_TRUE(same_grid(grid_of(header, ""), grid));
  }
}

TEST(NiftiContradictionTest, FormsThatAreMirrorImagesAreToldOf) {
  for (const auto& [image, warnings] : read_all(mirrored_file())) {
    EXPECT_EQ(image.grid.world_from_voxel[0][0], -2);
    EXPECT_THAT(warnings,
                ElementsAre(AllOf(HasSubstr("sform (code 2) and qform (code 1)"),
                                  HasSubstr("mirror images"), HasSubstr("the sform is used"))));
  }
}

TEST(NiftiContradictionTest, FormsThatAreTurnedAreToldOf) {
  NiftiBuilder file = agreeing_file();
  file.quaternion = {0, 0, std::sin(0.5 * 3 / 57.29578)};
  for (const auto& read : read_all(file))
    EXPECT_THAT(read.warnings, ElementsAre(HasSubstr("differ in direction by 3 degrees")));
  file = agreeing_file();  // half a turn: two axes flipped, mirrors nothing
  file.quaternion = {0, 0, 1};
  for (const auto& read : read_all(file))
    EXPECT_THAT(read.warnings, ElementsAre(HasSubstr("differ in direction by 180 degrees")));
}

TEST(NiftiContradictionTest, VoxelsOfAnotherSizeThanPixdimAreToldOfWithAndWithoutQform) {
  for (const int qform_code : {0, 1}) {
    NiftiBuilder file = agreeing_file();
    file.qform_code = qform_code;
    for (const std::size_t diagonal : {0, 5, 10}) file.srow[diagonal] = 4;
    for (const auto& [image, warnings] : read_all(file)) {
      EXPECT_EQ(voxel_volume_mm3(image.grid), 64);
      EXPECT_THAT(warnings, ElementsAre(AllOf(HasSubstr("voxels of 4 x 4 x 4"),
                                              HasSubstr("pixdim says 2 x 2 x 2"),
                                              HasSubstr("volumes 8 times"))));
    }
  }
}

TEST(NiftiContradictionTest, TheValidFormIsUsedWhereTheOtherIsNot) {
  NiftiBuilder file = agreeing_file();
  for (const double nothing : {0.0, std::nan("")}) {
    file.srow.fill(nothing);
    for (const auto& [image, warnings] : read_all(file)) {
      EXPECT_EQ(image.grid.world_from_voxel[2][3], -32);
      EXPECT_EQ(image.grid.world_code, 1);
      EXPECT_THAT(warnings, ElementsAre(AllOf(HasSubstr("sform (code 2) is singular"),
                                              HasSubstr("qform (code 1) is used"))));
    }
  }
  file = agreeing_file();
  file.quaternion[1] = std::nan("");
  for (const auto& [image, warnings] : read_all(file)) {
    EXPECT_EQ(image.grid.world_from_voxel[2][3], -32);
    EXPECT_THAT(warnings, ElementsAre(AllOf(HasSubstr("qform (code 1) is not finite"),
                                            HasSubstr("sform (code 2) is used"))));
  }
}

TEST(NiftiContradictionTest, RoundingIsNoContradiction) {
  std::mt19937 generator(3);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> size(1.7, 4);
  for (int trial = 0; trial < 300; ++trial) {
    NiftiBuilder file = agreeing_file();
    std::array<double, 4> q{};
    for (double& element : q) element = normal(generator);
    if (trial % 3 == 0) q[0] = 0;  // where 32 bits tell the angle least exactly
    const double length = std::hypot(std::hypot(q[0], q[1]), std::hypot(q[2], q[3]));
    for (std::size_t i = 0; i < 3; ++i) {
      file.quaternion[i] = (q[0] < 0 ? -1 : 1) * q[i + 1] / length;
      file.pixdim[i + 1] = size(generator);
      file.qoffset[i] = 100 * normal(generator);
    }
    file.pixdim[0] = trial % 2 == 0 ? 1 : -1;
    const Affine rotation = rotation_from_quaternion(file.quaternion);
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t column = 0; column < 3; ++column) {
        file.srow[4 * row + column] =
            rotation[row][column] * file.pixdim[column + 1] * (column == 2 ? file.pixdim[0] : 1);
      }
      file.srow[4 * row + 3] = file.qoffset[row];
    }
    for (const auto& read : read_all(file)) EXPECT_THAT(read.warnings, IsEmpty()) << trial;
  }
}

TEST(NiftiUnitTest, MetresAndMicrometresBecomeMillimetres) {
  for (const auto& [unit, factor] : {std::pair{1, 1e-3}, {2, 1.0}, {0, 1.0}, {3, 1e3}}) {
    NiftiBuilder file = agreeing_file();
    file.units = unit | 8;  // and seconds
    for (double& value : file.srow) value *= factor;
    for (double& value : file.qoffset) value *= factor;
    for (std::size_t axis = 1; axis < 4; ++axis) file.pixdim[axis] *= factor;
    for (const auto& [image, warnings] : read_all(file)) {
      EXPECT_NEAR(voxel_volume_mm3(image.grid), 8, 1e-5) << unit;
      EXPECT_NEAR(image.grid.world_from_voxel[2][3], -32, 1e-5) << unit;
      EXPECT_THAT(warnings, IsEmpty());
      EXPECT_NO_THROW(check_usable(image, ""));
    }
  }
}

TEST(NiftiUnitTest, AUnitThatMakesNoHeadOfPlainMillimetresIsNotBelieved) {
  for (const auto& [unit, name] : {std::pair{1, "metres"}, {3, "micrometres"}}) {
    NiftiBuilder file = agreeing_file();
    file.units = unit;
    for (const auto& [image, warnings] : read_all(file)) {
      EXPECT_EQ(voxel_volume_mm3(image.grid), 8);
      EXPECT_THAT(warnings, ElementsAre(AllOf(HasSubstr(std::string("lengths in ") + name),
                                              HasSubstr("taken as millimetres"))));
    }
  }
}

TEST(NiftiUnitTest, WhatIsNoHeadInAnyUnitIsRefusedInMillimetresWithTheUnitOfTheHeader) {
  NiftiBuilder file = agreeing_file();
  file.units = 1;
  for (const std::size_t diagonal : {0, 5, 10}) file.srow[diagonal] = 0.02;
  file.pixdim = {1, 0.02, 0.02, 0.02};
  for (const auto& read : read_all(file)) {
    try {
      check_usable(read.image, "image.nii");
      ADD_FAILURE();
    } catch (const InputError& error) {
      EXPECT_EQ(error.found(), "20 x 20 x 20 mm (the header gives metres)");
    }
  }
}

TEST(NiftiReadWarningTest, ASlopeThatIsNoNumberAndPaddingAreToldOf) {
  NiftiBuilder file = agreeing_file();
  file.slope = std::nan("");
  for (const auto& read : read_all(file))
    EXPECT_THAT(read.warnings, ElementsAre(HasSubstr("scl_slope")));
  const TemporaryDir dir;
  write_gzip(dir / "image.nii.gz", agreeing_file().build() + std::string(512, '\0'));
  std::vector<std::string> warnings;
  const Image image =
      read_image(dir / "image.nii.gz",
                 Log([&](LogLevel, std::string_view text) { warnings.emplace_back(text); }));
  EXPECT_EQ(image.voxels[59], 59);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("512 bytes behind its voxels")));
}

}  // namespace
}  // namespace hypersynth
