#pragma once

namespace hypersynth {

/// What a network expects of its input: an image in RAS orientation (voxel axes run to the right,
/// the front and the top) with cubic voxels, its intensities scaled linearly so that two
/// percentiles of the whole volume become 0 and 1, then clamped. The defaults are the recipe of the
/// default model and of all training with this program (SynthSeg, Billot et al. 2023, scales
/// alike).
struct InputRecipe {
  static constexpr const char* kOrientation = "RAS";

  double spacing_mm = 1;          ///< Side of a voxel.
  double low_percentile = 0.5;    ///< Maps to 0; in percent.
  double high_percentile = 99.5;  ///< Maps to 1; in percent.
  double clamp_min = 0;
  double clamp_max = 1.2;
};

inline bool operator==(const InputRecipe& a, const InputRecipe& b) {
  return a.spacing_mm == b.spacing_mm && a.low_percentile == b.low_percentile &&
         a.high_percentile == b.high_percentile && a.clamp_min == b.clamp_min &&
         a.clamp_max == b.clamp_max;
}

}  // namespace hypersynth
