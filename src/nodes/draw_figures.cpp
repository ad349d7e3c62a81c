#include "nodes/draw_figures.h"

#include <map>
#include <optional>

#include "image/nifti.h"
#include "image/nifti_bytes.h"
#include "nodes/image_outputs.h"
#include "nodes/laps.h"
#include "nodes/lookup.h"
#include "nodes/source_image.h"
#include "quality/quality.h"
#include "report/intensity_histogram.h"
#include "report/mosaic_reportlets.h"
#include "report/png.h"
#include "report/thumbnail.h"
#include "report/viewer_data.h"

namespace hypersynth {

namespace {

std::string script_of_viewer(const VoxelView& view) {
  ViewerVolumes volumes = viewer_volumes(view);
  Grid grid;
  grid.shape = volumes.shape;
  grid.world_from_voxel = volumes.world_from_voxel;
  return viewer_script(nifti_bytes(Mask(grid, std::move(volumes.grey))),
                       nifti_bytes(LabelMap(grid, std::move(volumes.labels))));
}

/// Intensities of the tissues where they are pure, divided by the bias field, and of air: of every
/// few voxels. Nothing where no tissue was segmented, as of other organs.
std::vector<TissueIntensities> tissue_intensities(const Image& image, const LabelMap& labels,
                                                  const std::vector<LabelVolume>& volumes,
                                                  const LabelMap& air,
                                                  const std::vector<std::uint8_t>& percent) {
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
    if (!air.voxels.empty() && air.voxels[v] != kNoAir) found[3].values.push_back(image.voxels[v]);
  }
  return found;
}

}  // namespace

DrawFigures::Outputs DrawFigures::run(const Inputs& in, pipeline::NodeContext& context) const {
  Laps laps;
  const bids::DataFile source = data_file_at(in.source);
  const ImageOutputs files = outputs_of(source);
  const Image image = read_source(in.image, context);
  const LabelMap labels = read_labels(in.labels.string());
  std::optional<Image> windowed;
  if (in.ct) clip_to_brain_window(windowed.emplace(image));
  VoxelView view;
  view.intensities = windowed ? windowed->voxels : image.voxels;
  view.labels = std::span<const std::int32_t>(labels.voxels);
  view.shape = image.grid.shape;
  view.world_from_voxel = image.grid.world_from_voxel;
  const std::vector<Rgb> lines = line_colours(in.volumes);
  std::vector<LabelColour> colours;
  for (std::size_t i = 0; i < lines.size(); ++i) colours.push_back({in.volumes[i].index, lines[i]});
  Publisher publisher(in.output_dir);
  const auto publish = [&](const std::string& name, std::string_view png) {
    publisher.text(files.figures + "/" + name, png);
  };
  draw_pictures(files.stem, source.suffix, view, colours, publish);
  publisher.text(thumbnail_of(source), encode_png(draw_thumbnail(view, colours)));
  if (in.viewer) publisher.text(viewer_script_of(source), script_of_viewer(view));
  const LabelMap air = in.air.empty() ? LabelMap() : read_labels(in.air.string());
  VoxelView background = view;
  background.intensities = image.voxels;
  background.labels = std::span<const std::int32_t>(air.voxels);
  draw_background_picture(files.stem, source.suffix, background, publish);
  const LabelMap bias = in.bias.empty() ? LabelMap() : read_labels(in.bias.string());
  const std::vector<std::uint8_t> percent(bias.voxels.begin(), bias.voxels.end());
  if (!percent.empty()) draw_bias_picture(files.stem, source.suffix, view, percent, publish);
  const auto intensities = tissue_intensities(image, labels, in.volumes, air, percent);
  if (!intensities.empty())
    publish(histogram_name(files.stem, source.suffix), intensity_histogram_svg(intensities));

  Outputs out;
  out.published = publisher.files();
  for (const auto& file : out.published) {
    if (!file.path.ends_with(".js")) out.pictures.push_back(in.output_dir / file.path);
  }
  out.seconds = laps.next();
  return out;
}

}  // namespace hypersynth
