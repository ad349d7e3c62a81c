#include "engine/inference/segmentation.h"

#include <cmath>

#include "image/orientation.h"
#include "image/resample.h"

namespace hypersynth {

std::optional<Grid> resampled_grid(const Grid& ras, const InputRecipe& recipe) {
  constexpr double kTolerance_mm = 0.05;
  for (const double spacing : spacing_mm(ras)) {
    if (std::abs(spacing - recipe.spacing_mm) > kTolerance_mm)
      return isotropic_grid(ras, recipe.spacing_mm);
  }
  return std::nullopt;
}

Padding::Padding(const std::array<std::int64_t, 3>& image_shape, const Architecture& architecture,
                 bool flipped)
    : shape(image_shape) {
  const bool slices = dimensions_of(architecture) == 2;
  const std::int64_t multiple = side_multiple_of(architecture);
  for (std::size_t axis = 0; axis < (slices ? 2 : 3); ++axis) {
    const std::int64_t missing = (multiple - image_shape[axis] % multiple) % multiple;
    before[axis] = slices ? 0 : missing / 2;
    if (flipped && axis == 0 && !slices) before[axis] = missing - missing / 2;
    shape[axis] += missing;
  }
}

PercentilePlace::PercentilePlace(double q, std::int64_t count) {
  const double position = q / 100 * static_cast<double>(count - 1);
  below = static_cast<std::int64_t>(position);
  fraction = position - static_cast<double>(below);
}

std::vector<int> scattered_channels(const ModelManifest& model) {
  std::vector<int> channels;
  for (std::size_t channel = 0; channel < model.labels.size(); ++channel) {
    if (model.labels[channel].scattered) channels.push_back(static_cast<int>(channel));
  }
  return channels;
}

void finish_segmentation(const ModelManifest& model, const ChannelSums& sums,
                         const std::vector<Channel>& channels, const Grid& ras, const Grid& source,
                         int threads, Segmentation& result) {
  for (std::size_t channel = 0; channel < model.labels.size(); ++channel) {
    if (static_cast<int>(channel) == model.background()) continue;
    const auto& label = model.labels[channel];
    result.volumes.push_back({label.index, label.name, sums.soft_mm3[channel],
                              static_cast<double>(sums.voxels[channel]) * voxel_volume_mm3(ras),
                              sums.mean_posteriors[channel]});
    result.intracranial_mm3 += sums.soft_mm3[channel];
  }
  LabelMap labels(ras);
  for (std::size_t v = 0; v < channels.size(); ++v)
    labels.voxels[v] = model.labels[channels[v]].index;
  result.labels = from_ras(labels, source, threads);
}

}  // namespace hypersynth
