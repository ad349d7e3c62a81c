#pragma once

#include <vector>

#include "image/volume.h"

namespace hypersynth {

/// How N4 fits a bias field (Tustison et al. 2010, doi:10.1109/TMI.2010.2046908). The defaults suit
/// a mask of one tissue; they were chosen on three heads of 1 mm whose images were multiplied by a
/// known field (docs/quality-measures.md), where they are about as near to it as more would be.
struct N4Options {
  /// The field is fitted on at most about this many voxels of the mask, evenly spread.
  int samples = 2500;
  double control_spacing_mm = 100;  ///< distance of spline control points at the first level
  /// Most iterations of each level; every level halves the distance of the control points.
  std::vector<unsigned> iterations{40, 40};
  double convergence = 1e-4;  ///< a level ends where the field changes relatively by less
};

/// Multiplicative bias field of an image, on its grid, with geometric mean 1 over the mask:
/// image / field is the corrected image. Fitted where `mask` is not 0 and the image is positive,
/// and extended to the box around the voxels of `region` that are not 0 and up to half the distance
/// of the samples beyond it; 1 farther out. Runs in the calling thread. Throws
/// std::invalid_argument where there is nothing to fit, where `region` is empty or where the shapes
/// differ, and Error kInternal where ITK fails.
Image estimate_bias_field(const Image& image, const Mask& mask, const Mask& region,
                          const N4Options& options = {});

/// The same, where the field is needed in the mask only.
Image estimate_bias_field(const Image& image, const Mask& mask, const N4Options& options = {});

}  // namespace hypersynth
