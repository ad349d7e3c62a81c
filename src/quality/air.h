#pragma once

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

/// The head and the air around it, sampled.
struct HeadAndAir {
  std::vector<float> head;  ///< intensities of all voxels inside the head's outline
  /// Intensities of the air above the brain's centre (clear of face, neck and fold-over), without
  /// voxels that were set to zero and without artefacts; empty where there is none.
  std::vector<float> air;
  /// Artefact voxels / (artefacts + air) (Mortamet et al. 2009); NaN where there is no air.
  double artefact_share = 0;
  std::string no_air_reason;  ///< why `air` is empty
  MaskVoxels air_voxels;      ///< an AirVoxel each; empty as `air`
};

struct AirOptions {
  int min_voxels = 100;
  double artefact_margin_mm = 10;
};

/// Finds the head without registration: the largest piece of what is brain or stands out from the
/// noise, and all that no straight line along an axis reaches from outside. Intensities are finite
/// and not negative.
HeadAndAir find_head_and_air(const Image& image, const TissueMap& map,
                             const MaskVoxels& zero_filled, const AirOptions& options);

/// Voxels that were set to zero after the scan (skull-stripping, defacing, rotation): zeros in a
/// 3 x 3 x 3 box of zeros.
MaskVoxels find_zero_filled(const Image& image);

}  // namespace hypersynth
