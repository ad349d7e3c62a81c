#include "nodes/segmentation_memory.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/inference/inference_network.h"
#include "image/resample.h"

namespace hypersynth {

namespace {

// Fitted to measured peaks. The default network: heads of 128^3 to 256^3 mm, 0.45 x 0.45 x 5 to 1
// mm voxels, slabs of 4 and 64 MB; the bound exceeded the peaks by 0 to 12 % and since then, at 256
// voxels a side, exceeds them by 35 % in float32 and 76 % in bfloat16, which it does not know of.
// libtorch: U-Nets of
// volumes and of slices with 8 and 16 features and 4 and 33 classes, 96^3 and 144^3 voxels, slabs
// of 16 and 64 MB; by 10 to 25 %. `dilated` needs half of what a U-Net of its features does.
constexpr double kMargin = 1.1;
/// An image whose voxels differ from the model's by no more than this is not resampled, as in the
/// segmenter.
constexpr double kSpacingTolerance_mm = 0.05;

/// The shape of the padded volume on which the network runs.
std::array<std::int64_t, 3> network_shape(const Grid& source, const ModelManifest& model) {
  if (source.voxel_count() == 0) return {0, 0, 0};
  const double wanted_mm = model.input.spacing_mm;
  const auto spacing = spacing_mm(source);
  const bool fits = std::all_of(spacing.begin(), spacing.end(), [&](double size_mm) {
    return std::abs(size_mm - wanted_mm) <= kSpacingTolerance_mm;
  });
  auto shape = fits ? source.shape : isotropic_grid(source, wanted_mm).shape;
  const std::int64_t multiple = side_multiple_of(model.architecture);
  const int padded_axes = dimensions_of(model.architecture);
  for (int axis = 0; axis < padded_axes; ++axis) {
    auto& side = shape[static_cast<std::size_t>(axis)];
    side = rounded_up(side, multiple);
  }
  return shape;
}

}  // namespace

std::uint64_t segmentation_memory_bytes(const Grid& source, const ModelManifest& model,
                                        std::int64_t slab_bytes) {
  const auto shape = network_shape(source, model);
  const auto voxels = static_cast<double>(shape[0] * shape[1] * shape[2]);
  const auto features = static_cast<double>(finest_features_of(model.architecture));
  const auto classes = static_cast<double>(model.labels.size());
  const double of_source = 9 * static_cast<double>(source.voxel_count());
  if (runs_on_onednn(model.architecture)) {
    const double per_voxel = 27 + std::max(4.125 * features, 2 * classes);
    return static_cast<std::uint64_t>(
        kMargin * (205e6 + per_voxel * voxels + of_source + 6 * static_cast<double>(slab_bytes)));
  }
  auto at_once = voxels;
  if (const std::int64_t slice = shape[0] * shape[1];
      slice > 0 && dimensions_of(model.architecture) == 2) {
    const std::int64_t slices = slices_at_once(model.architecture, slice, slab_bytes);
    at_once = static_cast<double>(slice * std::min(shape[2], slices));
  }
  const double bytes = 180e6 + (20 + 2 * classes) * voxels + of_source +
                       std::max(28 * features, 8 * classes) * at_once;
  return static_cast<std::uint64_t>(kMargin * bytes);
}

std::uint64_t light_step_memory_bytes(const Grid& source) {
  // Of the measures, which need most: 155 MB for 5.2 and 546 MB for 16.8 million voxels.
  return static_cast<std::uint64_t>(kMargin *
                                    (40e6 + 30 * static_cast<double>(source.voxel_count())));
}

}  // namespace hypersynth
