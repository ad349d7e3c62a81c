#include "report/session_comparison.h"

#include "report/layers.h"
#include "report/number.h"
#include "report/png.h"

namespace hypersynth {
namespace {

constexpr std::array<const char*, 2> kScans{"First", "Later"};

void write_facts(HtmlWriter& html, const SessionComparison& comparison) {
  const std::string first = "ses-" + comparison.first, later = "ses-" + comparison.later;
  html.element("p",
               "To lie like " + first + ", " + later + " has to be turned by " +
                   fixed_number(comparison.rotation_deg, 1) + "\xC2\xB0 and moved by " +
                   fixed_number(comparison.shift_mm, 1) +
                   " mm. Each of the two scans is moved half of that way, so that both are blurred "
                   "alike; the coordinates on the slices are those of the place between them. "
                   "Correlation of the intensities in the brain: " +
                   fixed_number(comparison.correlation, 3) + ".",
               {{"class", "legend"}});
  if (!comparison.mirrored) return;
  html.open("p", {{"class", "notice"}});
  html.element("span", "left-right", {{"class", "badge fail"}});
  html.text(" " + first + " is far more like the mirror image of " + later + " than like " + later +
            " itself: left and right seem to be swapped in one of the two files. Check their "
            "headers before volumes of left and right are compared.");
  html.close();
}

}  // namespace

void draw_comparison(const std::string& stem, const std::string& suffix, const VoxelView& first,
                     const VoxelView& later, std::span<const LabelColour> colours,
                     const PictureSink& sink) {
  MosaicOptions options;
  options.rows = 1;
  // What is drawn has voxels of 1 mm: more would make files larger and show no more.
  options.width_px = 1400;
  options.most_width_px = 0;
  options.text_height_px = 11;
  options.levels_per_step = 8;
  const std::array<VoxelView, 2> views{first, later};
  const auto mosaics = draw_matched_mosaics(views, colours, options);
  for (std::size_t scan = 0; scan < mosaics.size(); ++scan) {
    for (const Mosaic& mosaic : mosaics[scan]) {
      const std::string which = kScans[scan];
      sink(mosaic_name(stem, mosaic.plane, which, suffix),
           encode_png(mosaic.anatomy, to_json(mosaic.geometry)));
      sink(mosaic_name(stem, mosaic.plane, which + "Lines", suffix), encode_png(mosaic.structures));
    }
  }
}

std::vector<std::array<Reportlet, 2>> comparison_planes(const std::string& figures,
                                                        const std::string& stem,
                                                        const std::string& suffix,
                                                        const std::string& first,
                                                        const std::string& later) {
  std::vector<std::array<Reportlet, 2>> planes;
  const std::array<std::string, 2> sessions{"ses-" + first, "ses-" + later};
  for (const Plane plane : {Plane::kAxial, Plane::kCoronal, Plane::kSagittal}) {
    auto& pair = planes.emplace_back();
    for (std::size_t scan = 0; scan < 2; ++scan) {
      const auto path = [&](const char* layer) {
        return figures + "/" + mosaic_name(stem, plane, std::string(kScans[scan]) + layer, suffix);
      };
      pair[scan].title = to_string(plane) + " slices of " + sessions[scan];
      pair[scan].alt = "Row of " + pair[scan].title + ", aligned with " + sessions[1 - scan];
      pair[scan].picture = path("");
      pair[scan].overlays = {{"Outlines of sessions", path("Lines")}};
    }
  }
  return planes;
}

void write_comparison(HtmlWriter& html, const SessionComparison& comparison, const PageFiles& files,
                      bool is_open) {
  if (is_open) {
    html.open("details", {{"open", ""}});
  } else {
    html.open("details");
  }
  html.element("summary",
               "ses-" + comparison.first + " and ses-" + comparison.later + " beside each other");
  if (!comparison.missing.empty()) {
    html.element("p", comparison.missing, {{"class", "legend"}}).close();
    return;
  }
  write_facts(html, comparison);
  html.open("div", {{"class", "comparison"},
                    {"data-first", "ses-" + comparison.first},
                    {"data-later", "ses-" + comparison.later}});
  for (const auto& pair : comparison.planes) {
    html.open("figure", {{"class", "pair"}});
    write_layers(html, pair[0], files, "ses-" + comparison.first);
    write_layers(html, pair[1], files, "ses-" + comparison.later);
    html.close();
  }
  html.close().close();
}

}  // namespace hypersynth
