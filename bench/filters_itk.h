#pragma once

#include "image/volume.h"

namespace hypersynth {

/// Times what the image measures do by hand against ITK's filter for the same, one thread each, on
/// one image and its labels; prints a line per filter, seconds of one core.
void compare_filters(const Image& image, const LabelMap& labels);

}  // namespace hypersynth
