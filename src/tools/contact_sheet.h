#pragma once

#include <string>
#include <vector>

#include "image/volume.h"

namespace hypersynth {

/// PNG file of axial, coronal and sagittal slices through the middle of each image, one row per
/// image; grey values 0 to 1.2 from black to white.
std::string contact_sheet(const std::vector<Image>& images);

}  // namespace hypersynth
