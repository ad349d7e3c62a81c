#include "engine/augmentation/augmentation_name.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "core/joined.h"

namespace hypersynth {
namespace {

constexpr std::array<std::string_view, 10> kKnown{
    "noise", "noise-range",     "noise-bias",        "noise-range-bias",
    "unet",  "intensity-prior", "artefact-strength", "gamma",
    "blur",  "deformation"};

/// Makes the image anew from its classes or from what it was before its artefacts.
bool repaints_image(const std::string& name) {
  return name == "intensity-prior" || name == "artefact-strength";
}

}  // namespace

std::string known_augmentations() { return joined(kKnown, ", "); }

std::vector<std::string> parts_of_augmentation(const std::string& name, double unchanged_share) {
  std::vector<std::string> parts;
  if (name == "none") return parts;
  std::istringstream stream(name);
  for (std::string part; std::getline(stream, part, '+');) {
    if (std::find(kKnown.begin(), kKnown.end(), part) == kKnown.end())
      throw std::invalid_argument("unknown augmentation '" + part + "': choose from " +
                                  known_augmentations() + ", joined by '+'");
    if (part == "deformation" && unchanged_share > 0)
      throw std::invalid_argument(
          "deformation moves the reference too: it cannot leave images unchanged");
    if (repaints_image(part) && !parts.empty() && !repaints_image(parts.back()))
      throw std::invalid_argument(
          part + " makes the image anew: what changes it must come after in '" + name + "'");
    parts.push_back(std::move(part));
  }
  if (parts.empty()) throw std::invalid_argument("an augmentation without a name");
  return parts;
}

}  // namespace hypersynth
