#include "nodes/segmentation_memory.h"

#include <algorithm>
#include <cmath>

#include "image/resample.h"

namespace hypersynth {

namespace {

// Fitted to heads of 128^3 to 256^3 mm, 0.45 x 0.45 x 5 to 1 mm voxels, slabs of 4 and 64 MB: the
// sums below exceed every measured peak by 0 to 12 %.
constexpr double kMargin = 1.1;
/// An image whose voxels differ from 1 mm by no more than this is not resampled, as in the
/// segmenter.
constexpr double kSpacingTolerance_mm = 0.05;

/// The number of voxels on which the network runs: those of the grid at 1 mm, with sides rounded up
/// to multiples of 16.
double network_voxels(const Grid& source) {
  if (source.voxel_count() == 0) return 0;
  constexpr std::int64_t kMultiple = 16;
  const auto spacing = spacing_mm(source);
  const bool fits = std::all_of(spacing.begin(), spacing.end(), [](double size_mm) {
    return std::abs(size_mm - 1) <= kSpacingTolerance_mm;
  });
  double voxels = 1;
  for (const std::int64_t side : fits ? source.shape : isotropic_grid(source, 1).shape)
    voxels *= static_cast<double>((side + kMultiple - 1) / kMultiple * kMultiple);
  return voxels;
}

}  // namespace

std::uint64_t segmentation_memory_bytes(const Grid& source, std::int64_t slab_bytes) {
  const double bytes = 205e6 + 93 * network_voxels(source) +
                       9 * static_cast<double>(source.voxel_count()) +
                       6 * static_cast<double>(slab_bytes);
  return static_cast<std::uint64_t>(kMargin * bytes);
}

std::uint64_t light_step_memory_bytes(const Grid& source) {
  return static_cast<std::uint64_t>(kMargin *
                                    (40e6 + 17 * static_cast<double>(source.voxel_count())));
}

}  // namespace hypersynth
