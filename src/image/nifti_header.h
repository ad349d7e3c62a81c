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

/// The places that a NIfTI header gives to its voxels, in up to two ways: the qform (a rotation,
/// voxel sizes and an offset) and the sform (any affine). Each has a code that says what the world
/// is; the code 0 means that this form is not given. Lengths are in the unit of the header.
struct NiftiForms {
  /// [0] is qfac (-1 = the qform mirrors the third axis), [1..3] are the voxel sizes.
  std::array<double, 8> pixdim{};
  std::int64_t units = 0;  ///< xyzt_units; its low three bits are a LengthUnit
  std::int64_t qform_code = 0;
  std::int64_t sform_code = 0;
  std::array<double, 3> quaternion{};  ///< b, c and d of the unit quaternion of the rotation
  std::array<double, 3> qoffset{};     ///< world position of the first voxel by the qform
  std::array<std::array<double, 4>, 3> srow{};  ///< first three rows of the affine of the sform
};

/// The fields of a NIfTI-1 or NIfTI-2 header that this project uses, widened to one type.
/// Source: nifti1.h and nifti2.h of https://nifti.nimh.nih.gov.
struct NiftiHeader : NiftiForms {
  int version = 1;            ///< 1 or 2
  bool byte_swapped = false;  ///< the byte order of the file is not that of this machine
  std::array<std::int64_t, 8> dim{};
  std::int64_t datatype = 0;  ///< a NiftiType if it can be read
  std::int64_t bits_per_voxel = 0;
  double data_offset = 0;  ///< bytes from the start of the (decompressed) file
  /// Intensity = scl_slope * stored value + scl_inter; 0 = stored values are intensities.
  double scl_slope = 0;
  double scl_inter = 0;
};

/// The unit of the lengths in a header, with the values of NIfTI. kUnknown is taken as millimetres.
enum class LengthUnit { kUnknown = 0, kMetre = 1, kMillimetre = 2, kMicrometre = 3 };

/// The unit of `forms`; kUnknown if its bits mean no unit of length.
LengthUnit length_unit(const NiftiForms& forms);

/// Voxel types that can be read, with the values of NIfTI.
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

/// Parses the header at the start of a file. `bytes` are the first kNifti2HeaderBytes of the file,
/// or all of it if it is shorter. Throws InputError if they are not the header of a single-file
/// NIfTI-1 or NIfTI-2 image. The message tells what they are if they are known: a web page, DICOM,
/// Analyze, or a pointer of git-annex or git-lfs.
NiftiHeader parse_nifti_header(std::span<const std::byte> bytes, const std::string& path);

/// Throws InputError unless the header describes one 3-D frame of real numbers. That needs positive
/// dimensions whose size in bytes can be represented, a voxel type of NiftiType, a data offset
/// between the end of the header and 256 MiB and, if there is a slope, a finite intercept.
void check_nifti_header(const NiftiHeader& header, const std::string& path);

/// The grid, in mm, of a header that check_nifti_header() has accepted. The sform is used if its
/// code is above 0 and the qform otherwise, as NIfTI demands and nibabel does. If the one to use is
/// singular or not finite, the other one is used. Both are kept in Grid::forms for files that are
/// written later; if one is not given or not valid, the other one takes its place there.
///
/// `log` gets a warning if the header contradicts itself: sform and qform mirror each other or
/// differ by more than half a degree, or the voxel sizes of the sform differ from pixdim by more
/// than 0.5 %. A shift between the two is no reason to warn, as it changes neither left and right
/// nor a volume.
///
/// Metres and micrometres are converted to mm, or taken for mm with a warning, as nifti.h explains.
///
/// Throws InputError if both codes are 0 or neither form is valid.
Grid grid_of(const NiftiHeader& header, const std::string& path, const Log& log = Log());

/// Whether the image can be that of a head: voxels of at most kMaxSpacingMm and a field of view of
/// at least kMinFieldOfViewMm along every axis.
bool has_size_of_head(const Grid& grid);

/// The largest voxel size of a head scan, in mm. Images with larger voxels are refused.
constexpr double kMaxSpacingMm = 10;
/// The smallest field of view of a head scan, in mm. Images with a smaller one are refused.
constexpr double kMinFieldOfViewMm = 50;

/// Sets in `forms` the qform that is nearest to an affine: the nearest rotation with the voxel
/// sizes and the offset of the affine.
void set_qform(NiftiForms& forms, const Affine& affine);

/// The header of a file of `frames` frames on `grid`. If the grid was read from a file and has not
/// been changed since, qform and sform are those of that file. Otherwise the sform is the affine of
/// the grid and the qform the nearest one, in mm. The header is NIfTI-1 if shape and affines fit
/// into it (affines to 1e-5 mm), else NIfTI-2.
NiftiHeader make_nifti_header(const Grid& grid, std::int64_t frames, NiftiType type);

/// The bytes of a file before its voxels: the header, and the four zero bytes that say that no
/// header extension follows.
std::vector<std::byte> encode_nifti_header(const NiftiHeader& header);

}  // namespace hypersynth
