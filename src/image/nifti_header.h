#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/log.h"
#include "image/volume.h"

namespace hypersynth {

/// Where a NIfTI header says that its voxels lie, in up to two ways: the qform (rotation, voxel
/// sizes and offset) and the sform (any affine), each with a code of what the world is, 0 = not
/// given. Lengths are in the header's own unit.
struct NiftiForms {
  std::array<double, 8> pixdim{};  ///< [0] is qfac, [1..3] the voxel size
  std::int64_t units = 0;          ///< low three bits: a LengthUnit
  std::int64_t qform_code = 0;
  std::int64_t sform_code = 0;
  std::array<double, 3> quaternion{};  ///< b, c, d
  std::array<double, 3> qoffset{};
  std::array<std::array<double, 4>, 3> srow{};
};

/// The fields of a NIfTI-1 or NIfTI-2 header that this project uses, widened to one type.
/// Source: nifti1.h and nifti2.h of https://nifti.nimh.nih.gov.
struct NiftiHeader : NiftiForms {
  int version = 1;            ///< 1 or 2
  bool byte_swapped = false;  ///< the file's byte order is not this machine's
  std::array<std::int64_t, 8> dim{};
  std::int64_t datatype = 0;  ///< a NiftiType where supported
  std::int64_t bits_per_voxel = 0;
  double data_offset = 0;  ///< bytes from the start of the (decompressed) file
  double scl_slope = 0;
  double scl_inter = 0;
};

/// The unit of a header's lengths; the values are NIfTI's. 0, unknown, is taken as millimetres.
enum class LengthUnit { kUnknown = 0, kMetre = 1, kMillimetre = 2, kMicrometre = 3 };

LengthUnit length_unit(const NiftiForms& forms);

/// Voxel types that can be read; the values are NIfTI's.
enum class NiftiType : std::int16_t {
  kUint8 = 2,
  kInt16 = 4,
  kInt32 = 8,
  kFloat32 = 16,
  kFloat64 = 64,
  kInt8 = 256,
  kUint16 = 512,
  kUint32 = 768,
  kInt64 = 1024,
  kUint64 = 1280,
};

/// Bytes of one voxel.
std::size_t size_of(NiftiType type);

constexpr std::size_t kNifti1HeaderBytes = 348;
constexpr std::size_t kNifti2HeaderBytes = 540;

/// Reads the header from the first bytes of a file (all of them where the file is shorter than
/// kNifti2HeaderBytes). Throws InputError for anything but a single-file NIfTI-1 or NIfTI-2 header;
/// says so where the bytes are a web page, DICOM, Analyze, or a git-annex or git-lfs pointer.
NiftiHeader parse_nifti_header(std::span<const std::byte> bytes, const std::string& path);

/// Throws InputError unless the header describes one 3-D frame of real numbers: positive
/// dimensions whose size in bytes is representable, a voxel type of NiftiType, a data offset behind
/// the header, a number as intercept.
void check_nifti_header(const NiftiHeader& header, const std::string& path);

/// Grid of a checked header in mm: by the sform where its code is above 0, else by the qform, as
/// NIfTI says and nibabel does; by the valid one where the other is singular or not finite. Keeps
/// both in Grid::forms; where one has code 0 or is not valid, the other one stands for it.
///
/// `log` is warned where the header contradicts itself: sform and qform are mirror images or differ
/// by more than half a degree; the sform's voxels are more than 0.5 % larger or smaller than
/// pixdim's. (A shift between the two changes neither left and right nor a volume.)
///
/// Metres and micrometres become mm, or are disbelieved with a warning, as nifti.h says.
///
/// Throws InputError where both codes are 0 or no form is valid.
Grid grid_of(const NiftiHeader& header, const std::string& path, const Log& log = Log());

/// Whether voxels of this size and this field of view are those of a head: at most kMaxSpacingMm
/// and at least kMinFieldOfViewMm along every axis.
bool has_size_of_head(const Grid& grid);

constexpr double kMaxSpacingMm = 10;
constexpr double kMinFieldOfViewMm = 50;

/// Makes the qform that lies nearest to an affine: its nearest rotation with its voxel sizes.
void set_qform(NiftiForms& forms, const Affine& affine);

/// Header of a file of `frames` frames on `grid`. Its qform and sform are those of the file that
/// the grid was read from; on any other grid the sform is the grid's affine and the qform the
/// nearest one, in mm. NIfTI-1 where shape and affines (to 1e-5 mm) fit, else NIfTI-2.
NiftiHeader make_nifti_header(const Grid& grid, std::int64_t frames, NiftiType type);

/// The bytes before the voxels: header and the empty extension marker.
std::vector<std::byte> encode_nifti_header(const NiftiHeader& header);

}  // namespace hypersynth
