#include "quality/measure_all.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "quality/difference_statistics.h"
#include "quality/image_quality.h"
#include "quality/segmentation_quality.h"
#include "quality/tissue_map.h"

namespace hypersynth {
namespace {

/// A copy with negative and non-finite intensities as 0; nothing where there are none.
std::optional<Image> cleaned(const Image& image) {
  const auto usable = [](float value) { return value >= 0 && std::isfinite(value); };
  if (std::all_of(image.voxels.begin(), image.voxels.end(), usable)) return std::nullopt;
  Image copy = image;
  for (float& value : copy.voxels) {
    if (!usable(value)) value = 0;
  }
  return copy;
}

}  // namespace

std::vector<MeasureValue> measure_all(const QualityInput& input, const QualityOptions& options,
                                      std::vector<std::uint8_t>* air, std::vector<float>* bias) {
  if (!same_grid(input.image.grid, input.labels.grid))
    throw std::invalid_argument("image and labels aren't on one grid");
  if (!(voxel_volume_mm3(input.image.grid) > 0)) throw std::invalid_argument("voxels have no size");
  const std::optional<Image> copy = cleaned(input.image);
  const Image& image = copy ? *copy : input.image;
  const TissueMap map = make_tissue_map(input.labels, input.structures);
  const DifferenceStatistics differences = measure_differences(image, map);
  std::vector<MeasureValue> measures;
  add_image_measures(image, map, differences, options, measures, air, bias);
  add_segmentation_measures(input, map, differences, options, measures);
  return measures;
}

}  // namespace hypersynth

/// The entry point that quality.cpp looks up.
extern "C" void hypersynth_measure_all(const hypersynth::QualityInput* input,
                                       const hypersynth::QualityOptions* options,
                                       std::vector<hypersynth::MeasureValue>* measures,
                                       std::vector<std::uint8_t>* air, std::vector<float>* bias) {
  *measures = hypersynth::measure_all(*input, *options, air, bias);
}
