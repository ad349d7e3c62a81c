#pragma once

#include <string>

#include "image/volume.h"

namespace hypersynth {

/// Copies the NIfTI file `source` to `path`, with the voxels outside `mask` set to the stored value
/// whose intensity is nearest to 0. Everything else is copied as bytes: the header with its
/// extensions, and the voxels inside the mask, in their type and byte order. Padding behind the
/// voxels is left out. The copy is compressed if `path` ends in ".gz".
///
/// Throws InputError as read_image() does for a damaged file, and if `mask` has another shape than
/// the image; Error if the copy cannot be written.
void write_masked_copy(const std::string& source, const Mask& mask, const std::string& path);

}  // namespace hypersynth
