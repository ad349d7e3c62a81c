#pragma once

#include <string>
#include <vector>

namespace hypersynth {

/// The volumes that a structure has in adults.
struct PlausibleVolume {
  std::string stem;  ///< StructureKind::stem: "hippocampus"
  double low_ml = 0;
  double high_ml = 0;
  /// The limits are those of one side, and twice as large for a structure that has none.
  bool of_one_side = true;
};

/// Limits wide enough for the protocols in use and for atrophied brains, about half and twice what
/// is typical of healthy adults (Honeycutt and Smith 1995: hippocampus 1.73 to 5.68 mL across
/// studies; Kruggel 2006 for compartments, Dima et al. 2022 for subcortical structures): they find
/// failed segmentations, not disease.
const std::vector<PlausibleVolume>& adult_volumes();

}  // namespace hypersynth
