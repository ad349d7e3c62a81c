#include "report/image_section.h"

#include "report/intensity_histogram.h"
#include "report/layers.h"
#include "report/measure_section.h"
#include "report/number.h"
#include "report/page.h"
#include "report/rating_form.h"
#include "report/svg.h"
#include "report/volume_section.h"

namespace hypersynth {
namespace {

std::string times(const std::string& a, const std::string& b, const std::string& c) {
  return a + " \xC3\x97 " + b + " \xC3\x97 " + c;
}

std::vector<Field> geometry_fields(const ImageReport& image) {
  const Geometry& grid = image.geometry;
  std::vector<Field> fields;
  if (grid.shape[0] <= 0) return fields;
  const auto& n = grid.shape;
  const auto& mm = grid.spacing_mm;
  fields.push_back(
      {"matrix", times(std::to_string(n[0]), std::to_string(n[1]), std::to_string(n[2]))});
  const auto length = [](double value) { return short_number(value, 3); };
  fields.push_back({"voxel size", times(length(mm[0]), length(mm[1]), length(mm[2])) + " mm"});
  const auto field_of_view = [&](int axis) {
    return fixed_number(static_cast<double>(n[axis]) * mm[axis], 0);
  };
  fields.push_back(
      {"field of view", times(field_of_view(0), field_of_view(1), field_of_view(2)) + " mm"});
  if (!grid.orientation.empty()) fields.push_back({"orientation", grid.orientation});
  return fields;
}

void write_heading(HtmlWriter& html, const ImageReport& image, const std::string& id) {
  html.open("h2", {{"id", id + "-title"}})
      .element("span", file_name_of(image.path), {{"class", "file"}})
      .text(" ");
  write_badge(html, image.verdict);
  html.close();
  html.open("p", {{"class", "path"}}).element("code", image.path).close();
  if (!image.entities.empty()) {
    html.open("ul", {{"class", "entities"}});
    for (const Field& entity : image.entities) {
      html.open("li").element("span", entity.name).text("-").element("b", entity.value).close();
    }
    html.close();
  }
  if (!image.verdict_reasons.empty()) {
    html.open("ul", {{"class", "reasons"}});
    for (const std::string& reason : image.verdict_reasons) html.element("li", reason);
    html.close();
  }
  if (!image.warnings.empty()) {
    html.open("div", {{"class", "warnings"}}).element("p", "Warnings about the image file:");
    html.open("ul");
    for (const std::string& warning : image.warnings) html.element("li", warning);
    html.close().close();
  }
}

void write_facts(HtmlWriter& html, const ImageReport& image) {
  write_fields(html, geometry_fields(image));
  if (image.scanner.empty()) return;
  html.open("details").element("summary", "Scanner and sequence");
  write_fields(html, image.scanner);
  html.close();
}

/// A chart that is no mosaic: it is not opened, and nothing lies over it.
void write_chart(HtmlWriter& html, const Reportlet& reportlet, const PageFiles& files) {
  html.empty("img", {{"class", "chart-picture"},
                     {"src", files.url_of_picture(reportlet.picture)},
                     {"alt", reportlet.alt},
                     {"width", std::to_string(kHistogramWidth)},
                     {"height", std::to_string(kHistogramHeight)},
                     {"loading", "lazy"}});
}

void write_reportlet(HtmlWriter& html, const Reportlet& reportlet, const PageFiles& files) {
  html.open("figure").element("h3", reportlet.title);
  if (reportlet.picture.ends_with(".svg") && files.has(reportlet.picture)) {
    write_chart(html, reportlet, files);
  } else {
    write_layers(html, reportlet, files);
  }
  if (!reportlet.caption.empty()) html.element("figcaption", reportlet.caption);
  if (!reportlet.legend.empty()) {
    html.open("ul", {{"class", "picture-key"}});
    for (const LegendEntry& entry : reportlet.legend) {
      html.open("li").trusted(swatch_svg(css_colour(entry.colour)));
      html.text(entry.text).close();
    }
    html.close();
  }
  html.close();
}

/// Which structure has which colour; folded where the list is long.
void write_legend(HtmlWriter& html, const std::vector<StructureVolume>& volumes) {
  constexpr std::size_t kLong = 10;
  const std::vector<StructureRow> rows = pair_sides(volumes);
  const bool paired = std::any_of(rows.begin(), rows.end(),
                                  [](const StructureRow& row) { return row.left && row.right; });
  if (rows.size() > kLong) {
    html.open("details", {{"class", "colours"}});
  } else {
    html.open("details", {{"class", "colours"}, {"open", ""}});
  }
  html.element("summary",
               std::string("Colours of the structures") + (paired ? ": left, right" : ""));
  html.open("ul");
  for (const StructureRow& row : rows) {
    html.open("li");
    write_swatches(html, row);
    html.text(row.name).close();
  }
  html.close().close();
}

/// The button that opens the viewer. The script shows it where the browser can draw the viewer.
void write_viewer_tool(HtmlWriter& html, const std::string& id) {
  html.open("p", {{"class", "viewer-tool screen-only needs-script"}});
  html.element("button", "Open the three-plane viewer",
               {{"type", "button"}, {"hidden", ""}, {"aria-describedby", id + "-viewer-note"}});
  html.text(" ").element("span", "", {{"class", "legend"}, {"id", id + "-viewer-note"}}).close();
}

void write_timings(HtmlWriter& html, const std::vector<Timing>& timings) {
  double total = 0;
  std::vector<Field> fields;
  for (const Timing& timing : timings) {
    total += timing.seconds;
    fields.push_back({timing.step, short_number(timing.seconds, 3) + " s"});
  }
  html.open("details").element("summary", "Timings: " + short_number(total, 3) + " s");
  write_fields(html, fields);
  html.close();
}

void write_outputs(HtmlWriter& html, const std::vector<OutputFile>& outputs) {
  html.open("p", {{"class", "outputs"}}).text("Files: ");
  bool first = true;
  for (const OutputFile& output : outputs) {
    if (!first) html.text(", ");
    first = false;
    write_link(html, output);
  }
  html.close();
}

}  // namespace

void write_image_section(HtmlWriter& html, const ImageReport& image, const std::string& id,
                         const PageFiles& files, bool with_viewer) {
  html.open("section", {{"class", "image"}, {"id", id}, {"aria-labelledby", id + "-title"}});
  write_heading(html, image, id);
  write_facts(html, image);
  if (!image.reportlets.empty()) {
    html.element("p",
                 "Point at a picture to see it without overlay, click on a slice to see it large; "
                 "the key o changes the overlay.",
                 {{"class", "legend screen-only needs-script"}});
    if (!image.volumes.empty()) write_legend(html, image.volumes);
  }
  if (with_viewer) write_viewer_tool(html, id);
  for (const Reportlet& reportlet : image.reportlets) write_reportlet(html, reportlet, files);
  write_rating_form(html, id);
  if (!image.volumes.empty()) {
    html.element("h3", "Volumes");
    write_volumes(html, image.volumes, image.icv_mm3);
  }
  if (!image.measures.empty()) {
    html.element("h3", "Image quality");
    write_measures(html, image.measures);
  }
  write_position(html, image.position);
  if (!image.timings.empty()) write_timings(html, image.timings);
  if (!image.outputs.empty()) write_outputs(html, image.outputs);
  html.close();
}

}  // namespace hypersynth
