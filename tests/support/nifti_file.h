#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "image/volume.h"

namespace hypersynth {

/// What the tests need of a NIfTI-1 file, written and read here without the product's own code.
struct NiftiFile {
  Grid grid;
  std::int16_t frames = 1;  // above 1 the image is 4-D
  std::int16_t qform_code = 1;
  std::int16_t sform_code = 1;
  /// As read: the bytes of the qform, the sform, their codes and the voxel sizes.
  std::string forms{};
  std::vector<float> voxels;  // frames x k x j x i, i fastest; the slope applied
};

/// Writes float32, gzipped where the name ends in .gz. The qform is written only for affines
/// without rotation (its quaternion stays zero); the sform always.
void write_nifti(const std::string& path, const NiftiFile& file);

/// Reads a gzipped or plain little-endian NIfTI-1 file of uint8, int16, int32, uint16, float32 or
/// float64; the affine is the sform, `forms` says all of both. Throws std::runtime_error where
/// bytes are missing.
NiftiFile read_nifti(const std::string& path);

}  // namespace hypersynth
