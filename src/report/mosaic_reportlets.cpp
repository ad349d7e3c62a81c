#include "report/mosaic_reportlets.h"

#include "report/png.h"

namespace hypersynth {
namespace {

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

/// Gives the path of a picture by its plane and layer.
using PictureOf = std::function<std::string(Plane plane, const char* layer)>;

Reportlet background_reportlet(const PictureOf& picture, const std::string& image) {
  Reportlet background;
  background.title = "Background";
  background.caption =
      "The whole field of view, grey levels turned round and stretched to the noise: ghosts of the "
      "head, folded-over tissue and spikes are dark on light air. Outlined are the air above the "
      "brain's centre that was measured and in it what is too bright for noise (the share of which "
      "is qi_1). An image whose air was set to zero has no outlines.";
  background.alt =
      "Mosaic of axial slices of " + image + " with the air around the head made visible";
  background.picture = picture(Plane::kAxial, "Background");
  background.overlays = {{"Air and artefacts", picture(Plane::kAxial, "Air")}};
  const BackgroundOptions colours;
  background.legend = {{colours.air, "air"}, {colours.artefact, "artefact"}};
  return background;
}

Reportlet bias_reportlet(const PictureOf& picture, const std::string& image) {
  Reportlet bias;
  bias.title = "Bias field";
  bias.caption =
      "How much the coil brightens or darkens tissue, found by N4 in white matter, against the "
      "mean "
      "of white matter: clear where there is no bias, stronger with each step of 2.5 %.";
  bias.alt = "Mosaic of axial slices of " + image + " with a map of the bias field";
  bias.picture = picture(Plane::kAxial, "Anatomy");
  bias.overlays = {{"Bias field", picture(Plane::kAxial, "Bias")}};
  bias.legend = {{BiasScale::colour(-1), "darker, to 20 % and more"},
                 {BiasScale::colour(1), "brighter, to 20 % and more"}};
  return bias;
}

}  // namespace

std::string mosaic_name(const std::string& stem, Plane plane, const std::string& layer,
                        const std::string& suffix) {
  return stem + "_desc-" + to_string(plane) + layer + "_" + suffix + ".png";
}

void draw_pictures(const std::string& stem, const std::string& suffix, const VoxelView& view,
                   std::span<const LabelColour> colours, const PictureSink& sink,
                   const MosaicOptions& options) {
  for (const Mosaic& mosaic : draw_mosaics(view, colours, options)) {
    sink(mosaic_name(stem, mosaic.plane, "Anatomy", suffix),
         encode_png(mosaic.anatomy, to_json(mosaic.geometry)));
    sink(mosaic_name(stem, mosaic.plane, "Structures", suffix), encode_png(mosaic.structures));
    sink(mosaic_name(stem, mosaic.plane, "Filled", suffix), encode_png(mosaic.filled));
    sink(mosaic_name(stem, mosaic.plane, "Brain", suffix), encode_png(mosaic.brain));
  }
}

void draw_background_picture(const std::string& stem, const std::string& suffix,
                             const VoxelView& view, const PictureSink& sink,
                             const MosaicOptions& options) {
  const Mosaic mosaic = draw_background(view, options);
  sink(mosaic_name(stem, Plane::kAxial, "Background", suffix),
       encode_png(mosaic.anatomy, to_json(mosaic.geometry)));
  sink(mosaic_name(stem, Plane::kAxial, "Air", suffix), encode_png(mosaic.structures));
}

void draw_bias_picture(const std::string& stem, const std::string& suffix, const VoxelView& view,
                       std::span<const std::uint8_t> percent, const PictureSink& sink,
                       const MosaicOptions& options) {
  sink(mosaic_name(stem, Plane::kAxial, "Bias", suffix),
       encode_png(draw_bias(view, percent, options)));
}

std::string histogram_name(const std::string& stem, const std::string& suffix) {
  return stem + "_desc-intensities_" + suffix + ".svg";
}

std::vector<Reportlet> mosaic_reportlets(const std::string& figures, const std::string& stem,
                                         const std::string& suffix) {
  std::vector<Reportlet> reportlets;
  const auto picture = [&](Plane plane, const char* layer) {
    return joined(figures, mosaic_name(stem, plane, layer, suffix));
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
    reportlet.overlays = {{"Outlines", path("Structures")},
                          {"Filled", path("Filled")},
                          {"Brain mask", path("Brain")}};
    reportlets.push_back(std::move(reportlet));
  }
  reportlets.push_back(background_reportlet(picture, stem + "_" + suffix));
  reportlets.push_back(bias_reportlet(picture, stem + "_" + suffix));
  Reportlet histogram;
  histogram.title = "Intensities";
  histogram.caption =
      "How often each intensity is found in cerebrospinal fluid, grey matter and white matter, "
      "after "
      "division by the bias field, and in the air. Each line is as high as the others at its most "
      "frequent intensity; lines that overlap much mean tissues that are hard to tell apart.";
  histogram.alt = "Distributions of the intensities of " + stem + "_" + suffix + " by tissue";
  histogram.picture = joined(figures, histogram_name(stem, suffix));
  reportlets.push_back(std::move(histogram));
  return reportlets;
}

}  // namespace hypersynth
