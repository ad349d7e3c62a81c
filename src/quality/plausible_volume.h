#pragma once

#include <string>
#include <vector>

namespace hypersynth {

/// The volumes that a structure has in adults.
struct PlausibleVolume {
  std::string
      stem;  ///< start of StructureKind::stem: "hippocampus"; of one side where it has sides
  double low_ml = 0;
  double high_ml = 0;
};

/// Limits wide enough for healthy and for atrophied brains of adults, about half and twice the
/// typical volume: they find failed segmentations, not disease.
const std::vector<PlausibleVolume>& adult_volumes();

}  // namespace hypersynth
