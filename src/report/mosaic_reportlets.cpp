#include "report/mosaic_reportlets.h"

#include "core/atomic_file.h"
#include "report/png.h"

namespace hypersynth {
namespace {

std::string file_name(const std::string& stem, Plane plane, const char* layer,
                      const std::string& suffix) {
  return stem + "_desc-" + to_string(plane) + layer + "_" + suffix + ".png";
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

std::string caption(Plane plane) {
  switch (plane) {
    case Plane::kAxial:
      return "From the lowest to the highest slice of the labelled region.";
    case Plane::kCoronal:
      return "From the hindmost to the foremost slice of the labelled region.";
    case Plane::kSagittal:
      return "From the leftmost to the rightmost slice of the labelled region.";
  }
  return "";
}

}  // namespace

void draw_pictures(const std::string& stem, const std::string& suffix, const VoxelView& view,
                   std::span<const LabelColour> colours, const PictureSink& sink,
                   const MosaicOptions& options) {
  for (const Mosaic& mosaic : draw_mosaics(view, colours, options)) {
    sink(file_name(stem, mosaic.plane, "Anatomy", suffix), encode_png(mosaic.anatomy));
    sink(file_name(stem, mosaic.plane, "Structures", suffix), encode_png(mosaic.structures));
    sink(file_name(stem, mosaic.plane, "Brain", suffix), encode_png(mosaic.brain));
  }
}

void draw_background_picture(const std::string& stem, const std::string& suffix,
                             const VoxelView& view, const PictureSink& sink,
                             const MosaicOptions& options) {
  const Mosaic mosaic = draw_background(view, options);
  sink(file_name(stem, Plane::kAxial, "Background", suffix), encode_png(mosaic.anatomy));
  sink(file_name(stem, Plane::kAxial, "Air", suffix), encode_png(mosaic.structures));
}

void write_mosaics(const fs::path& figures, const std::string& stem, const std::string& suffix,
                   const VoxelView& view, std::span<const LabelColour> colours,
                   const MosaicOptions& options) {
  const auto write = [&](const std::string& name, std::string_view png) {
    write_atomically(figures / name, png);
  };
  draw_pictures(stem, suffix, view, colours, write, options);
  VoxelView bare = view;
  bare.labels = std::span<const std::int32_t>();
  draw_background_picture(stem, suffix, bare, write, options);
}

std::vector<Reportlet> mosaic_reportlets(const std::string& figures, const std::string& stem,
                                         const std::string& suffix) {
  std::vector<Reportlet> reportlets;
  const auto picture = [&](Plane plane, const char* layer) {
    return joined(figures, file_name(stem, plane, layer, suffix));
  };
  for (const Plane plane : {Plane::kAxial, Plane::kCoronal, Plane::kSagittal}) {
    const auto path = [&](const char* layer) { return picture(plane, layer); };
    Reportlet reportlet;
    std::string name = to_string(plane);
    reportlet.alt = "Mosaic of " + name + " slices of " + stem + "_" + suffix +
                    " with the outlines of the segmented structures";
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    reportlet.title = name + " slices";
    reportlet.caption = caption(plane);
    reportlet.picture = path("Anatomy");
    reportlet.overlays = {{"Structures", path("Structures")}, {"Brain mask", path("Brain")}};
    reportlets.push_back(std::move(reportlet));
  }
  Reportlet background;
  background.title = "Background";
  background.caption =
      "The whole field of view, grey levels turned round and stretched to the noise: ghosts of the "
      "head, folded-over tissue and spikes are dark on light air. Outlined are the air above the "
      "brain's centre that was measured (blue) and in it what is too bright for noise (orange, the "
      "share of which is qi_1). An image whose air was set to zero has no outlines.";
  background.alt = "Mosaic of axial slices of " + stem + "_" + suffix +
                   " with the air around the head made visible";
  background.picture = picture(Plane::kAxial, "Background");
  background.overlays = {{"Air and artefacts", picture(Plane::kAxial, "Air")}};
  reportlets.push_back(std::move(background));
  return reportlets;
}

}  // namespace hypersynth
