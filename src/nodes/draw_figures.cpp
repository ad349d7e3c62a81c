#include "nodes/draw_figures.h"

#include <optional>

#include "image/nifti.h"
#include "image/nifti_bytes.h"
#include "nodes/image_outputs.h"
#include "nodes/laps.h"
#include "nodes/lookup.h"
#include "nodes/source_image.h"
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

  Outputs out;
  out.published = publisher.files();
  for (const auto& file : out.published) {
    if (!file.path.ends_with(".js")) out.pictures.push_back(in.output_dir / file.path);
  }
  out.seconds = laps.next();
  return out;
}

}  // namespace hypersynth
