#pragma once

#include <vector>

#include "image/volume.h"

namespace hypersynth {

/// N4 (Tustison et al. 2010). The defaults are those of ANTs and fMRIPrep.
struct N4Options {
  int shrink = 4;                   ///< the field is fitted on every n-th voxel along each axis
  double control_spacing_mm = 200;  ///< distance of spline control points at the first level
  /// Most iterations of each level; every level halves the distance of the control points.
  std::vector<unsigned> iterations{50, 50, 50, 50};
  double convergence = 1e-7;  ///< a level ends where the field changes relatively by less
  int threads = 1;
};

/// Multiplicative bias field of an image, on its grid, with geometric mean 1 over the mask:
/// image / field is the corrected image. Fitted where the mask is not 0 and the image is positive.
/// Throws std::invalid_argument where that is nowhere or the shapes differ, and Error kInternal
/// where ITK fails.
Image estimate_bias_field(const Image& image, const Mask& mask, const N4Options& options = {});

}  // namespace hypersynth
