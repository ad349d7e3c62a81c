#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "image/orientation.h"
#include "image/volume.h"

namespace hypersynth {

/// Trilinear resampling from one grid to another, planned once and used for many volumes (the
/// posteriors of an image). Positions up to half a voxel outside the source take the value at its
/// border, those further out are 0, as in ITK. Copies where the grids coincide; separable where
/// their axes are parallel (in any order and direction).
class Resampler {
 public:
  /// `threads` share the slices of one volume.
  Resampler(const Grid& source, const Grid& target, int threads = 1);

  /// Resamples a volume of source voxels to target voxels; `target` is resized. Throws
  /// std::invalid_argument where `source` has not one value per voxel of the source grid.
  void resample(const std::vector<float>& source, std::vector<float>& target) const;

 private:
  enum class Kind { kCopy, kSeparable, kGeneral };

  /// Where one target index lies between two source indices.
  struct Sample {
    std::int32_t lower;
    std::int32_t upper;
    float weight;  ///< of `upper`
  };
  /// Samples of the target indices first .. first + samples.size() - 1; others lie outside.
  struct AxisSamples {
    std::int64_t count = 0;
    std::int64_t first = 0;
    std::vector<Sample> samples;
  };

  static AxisSamples samples_along(double start, double step, std::int64_t count,
                                   std::int64_t source_count);
  void plan_separable();
  void resample_separable(const float* source, float* target) const;
  void resample_slice(const float* source, std::int64_t k, std::vector<float>& plane,
                      std::vector<float>& row, float* target) const;
  void resample_general(const float* source, float* target) const;
  void resample_row(const float* source, std::int64_t j, std::int64_t k, float* target) const;

  Grid source_;
  Grid target_;
  Affine source_from_target_{};
  int threads_;
  Kind kind_ = Kind::kGeneral;
  /// Separable: target axis that runs along each source axis, and the samples along it.
  std::array<std::size_t, 3> target_axis_{0, 1, 2};
  std::array<AxisSamples, 3> axis_samples_;
};

/// `image` resampled to `target`.
Image resample(const Image& image, const Grid& target, int threads = 1);

/// resample(), after a blur along each axis of `image` on which `target` is r > 1 times coarser:
/// a Gaussian of sqrt(r^2 - 1) / (2 sqrt(2 ln 2)) voxels, which makes a point that is one source
/// voxel wide (full width at half maximum) one target voxel wide (Cardoso et al. 2015).
Image resample_antialiased(const Image& image, const Grid& target, int threads = 1);

/// Grid of cubic voxels that covers the field of view of `source`, centred on it, its axes along
/// those of `source` (their nearest orthogonal frame where they are sheared).
Grid isotropic_grid(const Grid& source, double spacing_mm);

}  // namespace hypersynth
