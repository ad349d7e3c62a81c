#include "nodes/draw_figures.h"

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
  VoxelView view;
  view.intensities = image.voxels;
  view.labels = std::span<const std::int32_t>(labels.voxels);
  view.shape = image.grid.shape;
  view.world_from_voxel = image.grid.world_from_voxel;
  std::vector<LabelColour> colours;
  for (const auto& volume : in.volumes)
    colours.push_back({volume.index, line_colour_of(volume.index)});
  Publisher publisher(in.output_dir);
  const auto publish = [&](const std::string& name, std::string_view png) {
    publisher.text(files.figures + "/" + name, png);
  };
  draw_pictures(files.stem, source.suffix, view, colours, publish);
  publisher.text(thumbnail_of(source), encode_png(draw_thumbnail(view, colours)));
  if (in.viewer) publisher.text(viewer_script_of(source), script_of_viewer(view));
  const LabelMap air = in.air.empty() ? LabelMap() : read_labels(in.air.string());
  VoxelView background = view;
  background.labels = std::span<const std::int32_t>(air.voxels);
  draw_background_picture(files.stem, source.suffix, background, publish);

  Outputs out;
  out.published = publisher.files();
  for (const auto& file : out.published) {
    if (file.path.ends_with(".png")) out.pictures.push_back(in.output_dir / file.path);
  }
  out.seconds = laps.next();
  return out;
}

}  // namespace hypersynth
