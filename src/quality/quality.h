#pragma once

#include <cstdint>
#include <vector>

#include "image/volume.h"
#include "quality/measure.h"
#include "quality/plausible_volume.h"
#include "quality/structure_kind.h"

namespace hypersynth {

/// What is measured: intensities and labels on one grid (the source image's own).
struct QualityInput {
  const Image& image;  ///< any contrast and scale; negative and non-finite voxels count as 0
  const LabelMap& labels;
  /// Which structure each label is; background may be left out, and labels that aren't in it count
  /// as background.
  const std::vector<LabelledStructure>& structures;
};

struct QualityOptions {
  /// Fewest voxels of a tissue or of air to measure; below, a 5th percentile rests on less than 5.
  int min_voxels = 100;
  /// Divide tissue intensities by the bias field that N4 finds in white matter; MRIQC, too,
  /// measures after N4.
  bool correct_bias = true;
  /// Distance in mm around the head that isn't searched for artefacts (qi_1). MRIQC: a tenth of the
  /// largest distance in the air, about this.
  double artefact_margin_mm = 10;
  /// Limits outside which a volume is an outlier.
  std::vector<PlausibleVolume> plausible_volumes = adult_volumes();
  /// Difference of the sides, percent of their mean, above which a structure is an outlier. Sides
  /// differ little on average (Guadalupe et al. 2017, 15,847 people); in manual segmentations of 20
  /// adults (Landman and Warfield 2012) by at most 24 %.
  double max_asymmetry_percent = 35;
  /// The same for structures below 1 mL, where few voxels at the border weigh more; at most 44 % in
  /// those segmentations.
  double max_small_asymmetry_percent = 70;
};

/// Where the air of an image was measured, by voxel.
enum AirVoxel : std::uint8_t {
  kNoAir,     ///< the head, what lies below the brain's centre, and what was set to zero
  kAir,       ///< noise, as far as one can tell
  kArtefact,  ///< too bright for noise: ghosts, spikes (qi_1)
};

/// Where an image was measured, on its grid.
struct QualityMaps {
  std::vector<std::uint8_t> air;   ///< an AirVoxel each; empty where there is no air to measure
  std::vector<std::uint8_t> head;  ///< 1 within the head's outline; empty without a brain
  std::vector<float> bias;         ///< the bias field (1: none); empty where there is none
};

/// Measures the image and its segmentation: one value for each entry of measure_catalogue(), in its
/// order. Runs in the calling thread. Opens the library that computes them, which is linked to ITK,
/// on first use. Throws std::invalid_argument where image and labels aren't on one grid of regular
/// affine, and Error kInternal where that library cannot be opened or ITK fails. `maps` may be
/// null.
std::vector<MeasureValue> measure_quality(const QualityInput& input,
                                          const QualityOptions& options = {},
                                          QualityMaps* maps = nullptr);

}  // namespace hypersynth
