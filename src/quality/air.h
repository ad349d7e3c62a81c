#pragma once

#include <limits>
#include <string>
#include <vector>

#include "image/volume.h"
#include "quality/mask_morphology.h"
#include "quality/quality.h"
#include "quality/tissue_map.h"

// The opening of bright voxels in the air is not itk::BinaryErodeImageFilter and
// itk::BinaryDilateImageFilter, which take 0.6 s for a 1 mm head (bench/quality_bench), nearly a
// tenth of all that is done with the image: these voxels are few, and only they are looked at.
namespace hypersynth {

/// The head and the air around it.
struct HeadAndAir {
  static constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

  double head_median = kNan;     ///< of all voxels inside the head's outline
  double outside_median = kNan;  ///< of all others but those that were set to zero
  /// Intensities of the air above the brain's centre (clear of face, neck and fold-over), without
  /// voxels that were set to zero and without artefacts; empty where there is none.
  std::vector<float> air;
  /// Artefact voxels / (artefacts + air) (Mortamet et al. 2009); NaN where there is no air.
  double artefact_share = kNan;
  /// Difference of the 95th and 5th percentiles of the mean intensities of cubes of air, more than
  /// the margin away from the head; NaN where there are fewer than 20.
  double cube_range = kNan;
  std::string no_air_reason;  ///< why `air` is empty
  MaskVoxels air_voxels;      ///< an AirVoxel each; empty as `air`
  MaskVoxels head_voxels;     ///< 0 or 1; empty where no brain was segmented
};

struct AirOptions {
  int min_voxels = 100;
  double artefact_margin_mm = 10;
};

/// Finds the head (find_head()) and the air without registration. `corrected` is the image divided
/// by its bias field, whose intensities the head has. Air has those of `image`: the field is of the
/// tissues, and noise doesn't follow it. Intensities are finite and not negative.
HeadAndAir find_head_and_air(const Image& image, const Image& corrected, const TissueMap& map,
                             const MaskVoxels& zero_filled, const AirOptions& options);

/// Voxels that were set to zero after the scan (skull-stripping, defacing, rotation): zeros in a
/// 3 x 3 x 3 box of zeros, and zeros beside these.
MaskVoxels find_zero_filled(const Image& image);

}  // namespace hypersynth
