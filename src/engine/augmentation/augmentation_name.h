#pragma once

#include <string>
#include <vector>

namespace hypersynth {

/// Those that there are: "noise, noise-range, ...".
std::string known_augmentations();

/// The augmentations that a name joins by '+', in order; none of "none". Throws
/// std::invalid_argument that names what is unknown, out of order, or cannot leave
/// `unchanged_share` of the images unchanged. (See make_augmentation, which needs libtorch; this
/// does not.)
std::vector<std::string> parts_of_augmentation(const std::string& name, double unchanged_share);

}  // namespace hypersynth
