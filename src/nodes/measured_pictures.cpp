#include "nodes/measured_pictures.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <span>

#include "nodes/image_outputs.h"
#include "nodes/source_image.h"
#include "quality/quality.h"
#include "report/intensity_histogram.h"

namespace hypersynth {

namespace {

/// Intensities of the tissues where they are pure, divided by the bias field, and of air: of every
/// few voxels. Nothing where no tissue was segmented, as of other organs.
std::vector<TissueIntensities> tissue_intensities(const MeasuredImage& measured) {
  const auto& [image, labels, volumes, air, percent] = measured;
  constexpr std::size_t kAbout = 1000000;
  std::vector<TissueIntensities> found{
      {"cerebrospinal fluid", {}}, {"grey matter", {}}, {"white matter", {}}, {"air", {}}};
  std::map<std::int32_t, std::size_t> tissue_of;
  for (const auto& volume : volumes) {
    const StructureKind kind = kind_of_structure(volume.name);
    if (kind.pure) tissue_of[volume.index] = static_cast<std::size_t>(kind.tissue) - 1;
  }
  if (tissue_of.empty()) return {};
  // An odd step does not fall into the same column of every row of a grid with even sides.
  for (std::size_t v = 0; v < image.voxels.size(); v += image.voxels.size() / kAbout | 1U) {
    const float bias = percent.empty() ? 1.F : static_cast<float>(percent[v]) / 100;
    const auto tissue = tissue_of.find(labels.voxels[v]);
    if (tissue != tissue_of.end()) found[tissue->second].values.push_back(image.voxels[v] / bias);
    if (!air.empty() && air[v] != kNoAir) found[3].values.push_back(image.voxels[v]);
  }
  return found;
}

}  // namespace

std::vector<std::uint8_t> bias_percent(const std::vector<float>& field) {
  std::vector<std::uint8_t> percent(field.size());
  std::transform(field.begin(), field.end(), percent.begin(), [](float factor) {
    return static_cast<std::uint8_t>(std::clamp(std::round(100 * factor), 1.F, 255.F));
  });
  return percent;
}

void draw_measured_pictures(const bids::DataFile& source, const MeasuredImage& measured, bool ct,
                            const PictureSink& publish) {
  const ImageOutputs files = outputs_of(source);
  const Image& image = measured.image;
  const std::vector<std::int32_t> air(measured.air.begin(), measured.air.end());
  VoxelView background;
  background.intensities = image.voxels;
  background.labels = air;
  background.shape = image.grid.shape;
  background.world_from_voxel = image.grid.world_from_voxel;
  draw_background_picture(files.stem, source.suffix, background, publish);
  if (!measured.percent.empty()) {
    std::optional<Image> windowed;
    if (ct) clip_to_brain_window(windowed.emplace(image));
    VoxelView view = background;
    view.intensities = windowed ? windowed->voxels : image.voxels;
    view.labels = measured.labels.voxels;
    draw_bias_picture(files.stem, source.suffix, view, measured.percent, publish);
  }
  const auto intensities = tissue_intensities(measured);
  if (!intensities.empty())
    publish(histogram_name(files.stem, source.suffix), intensity_histogram_svg(intensities));
}

}  // namespace hypersynth
