#pragma once

#include <array>
#include <cstdint>

#include "image/volume.h"
#include "quality/tissue_map.h"

namespace hypersynth {

/// Sums over pairs of neighbouring voxels of the difference of their intensities.
struct DifferenceSums {
  std::int64_t n = 0;
  double sum = 0;
  double squares = 0;

  double mean() const;      ///< NaN where n is 0
  double variance() const;  ///< of the population; NaN where n is 0
};

/// First differences of the intensities in the brain, the raw material of smoothness and edges.
struct DifferenceStatistics {
  DifferenceSums intensity;            ///< no pairs: the brain's intensities themselves
  std::array<DifferenceSums, 3> axis;  ///< both voxels in the brain
  DifferenceSums within;               ///< both in pure grey matter or both in pure white matter
  DifferenceSums edge;                 ///< white minus grey across the border of pure tissues

  /// Full width at half maximum in voxels along an axis (Forman et al. 1995): what Gaussian
  /// smoothing of white noise would give these differences. NaN where neighbours aren't alike.
  double fwhm_voxels(std::size_t along) const;
};

/// Goes through all pairs of neighbours (6) of voxels with a tissue.
DifferenceStatistics measure_differences(const Image& image, const TissueMap& map);

}  // namespace hypersynth
