#pragma once

#include <string>
#include <vector>

#include "engine/synthesis/synthesis.h"

namespace hypersynth {

/// PNG file with a numbered row for each pair: axial, coronal and sagittal slices through the
/// middle of the image (grey values 0 to 1.2 from black to white), then the same slices with the
/// structures of the reference in colour. Images of one slice have one of each. Right is right.
std::string contact_sheet(const std::vector<SyntheticPair>& pairs);

}  // namespace hypersynth
