#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "image/volume.h"

namespace hypersynth {

/// The fields of a NIfTI-1 or NIfTI-2 header that this project uses, widened to one type.
/// Source: nifti1.h and nifti2.h of https://nifti.nimh.nih.gov.
struct NiftiHeader {
  int version = 1;            ///< 1 or 2
  bool byte_swapped = false;  ///< the file's byte order is not this machine's
  std::array<std::int64_t, 8> dim{};
  std::array<double, 8> pixdim{};  ///< [0] is qfac, [1..3] the voxel size
  std::int64_t datatype = 0;       ///< a NiftiType where supported
  std::int64_t bits_per_voxel = 0;
  double data_offset = 0;  ///< bytes from the start of the (decompressed) file
  double scl_slope = 0;
  double scl_inter = 0;
  std::int64_t units = 0;  ///< low three bits: 1 metre, 2 millimetre, 3 micrometre
  std::int64_t qform_code = 0;
  std::int64_t sform_code = 0;
  std::array<double, 3> quaternion{};  ///< b, c, d
  std::array<double, 3> qoffset{};
  std::array<std::array<double, 4>, 3> srow{};
};

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
/// the header.
void check_nifti_header(const NiftiHeader& header, const std::string& path);

/// Grid of a checked header: the sform where its code is above 0, else the qform where its code is,
/// as NIfTI says and nibabel does. The header's length unit is taken as mm whatever it says (so do
/// nibabel and FSL: files that say metres are wrong more often than in metres).
/// Throws InputError where both codes are 0 or the affine is singular or not finite.
Grid grid_of(const NiftiHeader& header, const std::string& path);

/// Header of a file of `frames` frames on `grid`: the sform is the grid's affine, the qform its
/// nearest rotation with the grid's voxel sizes. NIfTI-1 where shape and affine (to 1e-5 mm) fit,
/// else NIfTI-2.
NiftiHeader make_nifti_header(const Grid& grid, std::int64_t frames, NiftiType type);

/// The bytes before the voxels: header and the empty extension marker.
std::vector<std::byte> encode_nifti_header(const NiftiHeader& header);

}  // namespace hypersynth
