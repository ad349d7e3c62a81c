#include "report/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "report/assets.h"
#include "report/image_section.h"
#include "report/number.h"
#include "report/page.h"
#include "report/page_files.h"
#include "report/rating_table.h"

namespace hypersynth {
namespace {

std::string count(std::size_t n, const char* singular, const char* plural) {
  return std::to_string(n) + " " + (n == 1 ? singular : plural);
}

int flagged(const ImageReport& image) {
  int n = 0;
  for (const QualityMeasure& measure : image.measures) {
    n += measure.verdict == Verdict::kWarning || measure.verdict == Verdict::kFail;
  }
  return n;
}

void write_overview(HtmlWriter& html, const SubjectReport& report,
                    const std::vector<std::string>& ids) {
  open_scrolling(html, "Images of this subject");
  html.open("table", {{"class", "overview"}}).open("thead").open("tr");
  for (const char* title :
       {"Image", "Verdict", "ICV, cm\xC2\xB3", "Measures flagged", "Your rating"}) {
    html.element("th", title, {{"scope", "col"}});
  }
  html.close().close().open("tbody");
  for (std::size_t i = 0; i < report.images.size(); ++i) {
    const ImageReport& image = report.images[i];
    html.open("tr").open("th", {{"scope", "row"}});
    html.element("a", file_name_of(image.path), {{"href", "#" + ids[i]}}).close();
    html.open("td");
    write_badge(html, image.verdict);
    html.close();
    html.element("td", fixed_number(image.icv_mm3.value_or(NAN) / 1000, 1), {{"class", "number"}});
    html.element("td", image.measures.empty() ? "n/a" : std::to_string(flagged(image)),
                 {{"class", "number"}});
    html.element("td", "", {{"class", "rated"}}).close();
  }
  html.close().close().close();
}

void write_summary(HtmlWriter& html, const SubjectReport& report,
                   const std::vector<std::string>& ids) {
  html.open("section", {{"id", "summary"}, {"aria-labelledby", "summary-title"}});
  html.element("h1", "sub-" + report.subject, {{"id", "summary-title"}});
  html.open("p", {{"class", "lead"}});
  if (!report.dataset.empty()) html.text("Dataset ").element("b", report.dataset).text(". ");
  html.text(count(report.images.size(), "image", "images") + " segmented, " +
            count(report.failures.size(), "image", "images") + " failed.");
  html.close();
  if (!report.participant.empty()) write_fields(html, report.participant);
  if (!report.group_pages.empty()) {
    html.open("p").text("All subjects:");
    for (const OutputFile& page : report.group_pages) {
      html.text(" ");
      write_link(html, page);
    }
    html.close();
  }
  if (report.images.empty()) {
    html.element("p", "No image of this subject could be segmented.", {{"class", "notice"}});
  } else {
    write_overview(html, report, ids);
    write_rating_tools(html);
  }
  html.close();
}

void write_methods(HtmlWriter& html, const Methods& methods) {
  html.open("section", {{"id", "methods"}, {"aria-labelledby", "methods-title"}});
  html.element("h2", "Methods", {{"id", "methods-title"}});
  html.open("p").text("Text to use in a paper, free of any rights (CC0). ");
  html.element("button", "Copy",
               {{"type", "button"}, {"class", "needs-script"}, {"data-copy", "methods-text"}})
      .close();
  html.open("div", {{"class", "boilerplate"}, {"id", "methods-text"}});
  for (std::size_t at = 0; at < methods.text.size();) {
    const std::size_t end = std::min(methods.text.find("\n\n", at), methods.text.size());
    html.element("p", methods.text.substr(at, end - at));
    at = end + 2;
  }
  html.close();
  html.close();
}

void write_citation(HtmlWriter& html, const Methods& methods) {
  html.open("section", {{"id", "citation"}, {"aria-labelledby", "citation-title"}});
  html.element("h2", "Citation", {{"id", "citation-title"}}).open("ul", {{"class", "references"}});
  std::string bibtex;
  for (const Reference& reference : methods.references) {
    html.open("li").text(reference.text);
    if (!reference.doi.empty()) {
      const std::string url = "https://doi.org/" + reference.doi;
      html.text(" ").element("a", url, {{"href", url}, {"rel", "noreferrer"}});
    }
    html.close();
    bibtex += reference.bibtex;
  }
  html.close();
  if (!bibtex.empty()) {
    html.open("details").element("summary", "BibTeX");
    html.element("pre", bibtex, {{"tabindex", "0"}, {"id", "bibtex"}});
    html.element("button", "Copy",
                 {{"type", "button"}, {"class", "needs-script"}, {"data-copy", "bibtex"}});
    html.close();
  }
  html.close();
}

/// What tells the images of one subject apart: the file's name without subject and extension.
std::string short_name(const ImageReport& image, const std::string& subject) {
  std::string name(file_name_of(image.path));
  const std::string prefix = "sub-" + subject + "_";
  if (name.rfind(prefix, 0) == 0) name.erase(0, prefix.size());
  const std::size_t extension = name.find('.');
  return extension == 0 ? name : name.substr(0, extension);
}

std::string toolbar() {
  HtmlWriter html;
  html.open("fieldset", {{"class", "needs-script layers-tool"}, {"id", "layers-tool"}});
  html.element("legend", "Overlay");
  html.close();
  html.open("label", {{"class", "needs-script"}}).text("Opacity ");
  html.empty(
      "input",
      {{"type", "range"}, {"id", "opacity"}, {"min", "10"}, {"max", "100"}, {"value", "100"}});
  html.close();
  html.open("label", {{"class", "needs-script"}});
  html.empty("input", {{"type", "checkbox"}, {"id", "blink"}});
  html.text("Blink").close();
  return std::move(html).finish();
}

bool has_viewer(const SubjectReport& report, const ImageReport& image, const PageFiles& files) {
  if (report.viewer_library.empty() || image.viewer_script.empty()) return false;
  return files.has(image.viewer_script) && (!files.embedded || files.has(report.viewer_library));
}

bool has_comparisons(const SubjectReport& report) {
  const auto& series = report.longitudinal.series;
  return std::any_of(series.begin(), series.end(),
                     [](const auto& one) { return !one.comparisons.empty(); });
}

/// What the viewer of an image needs to know besides its voxels.
nlohmann::json viewer_data(const ImageReport& image) {
  nlohmann::json structures = nlohmann::json::array();
  for (const StructureVolume& volume : image.volumes) {
    const Rgb& colour = volume.colour;
    structures.push_back({{"label", volume.label},
                          {"name", volume.name},
                          {"colour", {colour.red, colour.green, colour.blue}}});
  }
  return {{"script", url_of_path(image.viewer_script)}, {"structures", structures}};
}

nlohmann::json script_data(const SubjectReport& report, const std::vector<bool>& with_viewer) {
  nlohmann::json images = nlohmann::json::array();
  for (std::size_t i = 0; i < report.images.size(); ++i) {
    const ImageReport& image = report.images[i];
    images.push_back({{"image", image.path}, {"digest", image.segmentation_digest}});
    if (with_viewer[i]) images.back()["viewer"] = viewer_data(image);
  }
  nlohmann::json data = {{"subject", report.subject},
                         {"images", images},
                         {"ratingColumns", ratings_sidecar().dump(2)}};
  if (!report.viewer_library.empty()) data["viewer"] = url_of_path(report.viewer_library);
  return data;
}

/// The texts of the viewer's scripts by their references in the page.
std::string embedded_scripts(const SubjectReport& report, const PageFiles& files,
                             const std::vector<bool>& with_viewer) {
  nlohmann::json texts;
  const auto add = [&](const std::string& path) { texts[url_of_path(path)] = files.read(path); };
  add(report.viewer_library);
  for (std::size_t i = 0; i < report.images.size(); ++i) {
    if (with_viewer[i]) add(report.images[i].viewer_script);
  }
  HtmlWriter html;
  html.open("script", {{"type", "application/json"}, {"id", "page-files"}})
      .trusted(json_for_script(texts))
      .close();
  return std::move(html).finish();
}

}  // namespace

std::string subject_report_html(const SubjectReport& report, const fs::path& folder) {
  Page page;
  page.title = "sub-" + report.subject + " \xC2\xB7 hypersynth";
  page.kind = "subject";
  const PageFiles files{folder, report.single};
  std::vector<bool> with_viewer;
  bool any_viewer = false;
  for (const ImageReport& image : report.images) {
    with_viewer.push_back(has_viewer(report, image, files));
    any_viewer = any_viewer || with_viewer.back();
  }
  page.loads_scripts = any_viewer && !report.single;
  page.single = report.single;
  page.script = std::string(assets::ratings_js).append(assets::report_js);
  if (any_viewer) page.script.append(assets::viewer_js);
  if (has_comparisons(report)) page.script.append(assets::sessions_js);
  ElementIds ids;
  for (const char* fixed :
       {"main", "summary", "failures", "methods", "citation", "provenance", "sessions"})
    ids.unique(fixed);
  std::vector<std::string> image_ids;
  page.navigation.push_back({"summary", "Summary"});
  for (const ImageReport& image : report.images) {
    image_ids.push_back(ids.unique(file_name_of(image.path)));
    page.navigation.push_back({image_ids.back(), short_name(image, report.subject), image.verdict});
  }
  HtmlWriter html;
  write_summary(html, report, image_ids);
  if (!report.longitudinal.series.empty()) {
    const auto& series = report.longitudinal.series;
    const bool mirrored = std::any_of(series.begin(), series.end(),
                                      [](const auto& one) { return one.is_mirrored(); });
    page.navigation.insert(
        page.navigation.begin() + 1,
        {"sessions", "Over sessions", mirrored ? Verdict::kFail : Verdict::kNone});
    write_longitudinal(html, report.longitudinal, "sessions", files);
  }
  for (std::size_t i = 0; i < report.images.size(); ++i) {
    write_image_section(html, report.images[i], image_ids[i], files, with_viewer[i]);
  }
  if (!report.failures.empty()) {
    page.navigation.push_back({"failures", "Failed images", Verdict::kFail});
    html.open("section", {{"id", "failures"}, {"aria-labelledby", "failures-title"}});
    html.element("h2", "Images that failed", {{"id", "failures-title"}});
    write_failures(html, report.failures);
    html.close();
  }
  write_methods(html, report.methods);
  write_citation(html, report.methods);
  html.open("section", {{"id", "provenance"}, {"aria-labelledby", "provenance-title"}});
  html.element("h2", "Provenance", {{"id", "provenance-title"}});
  write_provenance(html, report.provenance);
  html.close();
  page.navigation.insert(
      page.navigation.end(),
      {{"methods", "Methods"}, {"citation", "Citation"}, {"provenance", "Provenance"}});
  page.content = std::move(html).finish();
  if (any_viewer && report.single) page.content += embedded_scripts(report, files, with_viewer);
  if (!report.images.empty()) page.toolbar = toolbar();
  return page_html(page, script_data(report, with_viewer));
}

void write_subject_report(const fs::path& path, const SubjectReport& report) {
  write_atomically(path, subject_report_html(report, path.parent_path()));
}

bool is_single_page(const fs::path& path) {
  std::array<char, 2048> head{};  // a line of <head> says it
  std::ifstream(path.string(), std::ios::binary).read(head.data(), head.size());
  return std::string_view(head.data(), head.size()).find("\"hypersynth-files\"") !=
         std::string_view::npos;
}

}  // namespace hypersynth
