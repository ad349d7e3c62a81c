#pragma once

#include <string>

#include "image/volume.h"

namespace hypersynth {

// The bytes of an uncompressed NIfTI-1 file, for readers that know no other kind. Its sform is the
// affine of the grid, rounded to 32 bits, whatever file the grid was read from. Both throw
// std::invalid_argument if an axis has more than 32767 voxels.

std::string nifti_bytes(const Volume<std::uint8_t>& volume);

/// Labels as the smallest type that holds them: 8 bits without a sign, or 16 or 32 bits with one.
std::string nifti_bytes(const LabelMap& labels);

}  // namespace hypersynth
