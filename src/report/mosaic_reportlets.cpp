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

void write_mosaics(const fs::path& figures, const std::string& stem, const std::string& suffix,
                   const VoxelView& view, std::span<const LabelColour> colours,
                   const MosaicOptions& options) {
  for (const Mosaic& mosaic : draw_mosaics(view, colours, options)) {
    const auto path = [&](const char* layer) {
      return figures / file_name(stem, mosaic.plane, layer, suffix);
    };
    write_atomically(path("Anatomy"), encode_png(mosaic.anatomy));
    write_atomically(path("Structures"), encode_png(mosaic.structures));
    write_atomically(path("Brain"), encode_png(mosaic.brain));
  }
}

std::vector<Reportlet> mosaic_reportlets(const std::string& figures, const std::string& stem,
                                         const std::string& suffix) {
  std::vector<Reportlet> reportlets;
  for (const Plane plane : {Plane::kAxial, Plane::kCoronal, Plane::kSagittal}) {
    const auto path = [&](const char* layer) {
      return joined(figures, file_name(stem, plane, layer, suffix));
    };
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
  return reportlets;
}

}  // namespace hypersynth
