#include "quality/plausible_volume.h"

namespace hypersynth {

const std::vector<PlausibleVolume>& adult_volumes() {
  static const std::vector<PlausibleVolume> kVolumes{
      {"cerebralwhitematter", 100, 400},
      {"cerebralcortex", 110, 450},
      {"cerebellumwhitematter", 6, 35},
      {"cerebellumcortex", 25, 110},
      {"thalamus", 3.5, 15},
      {"thalamusproper", 3.5, 15},
      {"caudate", 1.7, 8},
      {"putamen", 2.3, 10},
      {"pallidum", 0.7, 4},
      {"hippocampus", 1.5, 8},
      {"amygdala", 0.6, 4},
      {"accumbens", 0.15, 1.5},
      {"accumbensarea", 0.15, 1.5},
      {"ventraldc", 1.8, 9},
      {"brainstem", 9, 45, false},
      {"lateralventricle", 0.5, 120},
  };
  return kVolumes;
}

}  // namespace hypersynth
