#include "nodes/draw_figures.h"

#include "image/nifti.h"
#include "nodes/image_outputs.h"
#include "nodes/laps.h"
#include "nodes/lookup.h"
#include "report/mosaic_reportlets.h"

namespace hypersynth {

DrawFigures::Outputs DrawFigures::run(const Inputs& in, pipeline::NodeContext&) const {
  Laps laps;
  const bids::DataFile source = data_file_at(in.source);
  const ImageOutputs files = outputs_of(source);
  const Image image = read_image(in.image.string());
  const LabelMap labels = read_labels(in.labels.string());
  VoxelView view;
  view.intensities = image.voxels;
  view.labels = std::span<const std::int32_t>(labels.voxels);
  view.shape = image.grid.shape;
  view.world_from_voxel = image.grid.world_from_voxel;
  std::vector<LabelColour> colours;
  for (const auto& volume : in.volumes) colours.push_back({volume.index, colour_of(volume.index)});
  write_mosaics(in.output_dir / files.figures, files.stem, source.suffix, view, colours);

  Outputs out;
  for (const auto& reportlet : mosaic_reportlets(files.figures, files.stem, source.suffix)) {
    out.pictures.push_back(in.output_dir / reportlet.picture);
    for (const auto& overlay : reportlet.overlays)
      out.pictures.push_back(in.output_dir / overlay.path);
  }
  out.seconds = laps.next();
  return out;
}

}  // namespace hypersynth
