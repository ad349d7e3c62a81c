#include "report/group_report.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "report/assets.h"
#include "report/base64.h"
#include "report/mosaic_reportlets.h"
#include "report/page.h"
#include "report/rating_form.h"
#include "report/robust.h"
#include "report/thumbnail.h"

namespace hypersynth {
namespace {

using nlohmann::json;

/// Floats of 32 bits, lowest byte first, in base64: half as long as text and read by a browser in
/// no time. What is not finite becomes NaN.
std::string packed(const std::vector<double>& values) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  std::string bytes;
  for (const double value : values) {
    const float number = std::isfinite(value)
                             ? static_cast<float>(std::clamp(value, -kLargest, kLargest))
                             : std::numeric_limits<float>::quiet_NaN();
    const auto bits = std::bit_cast<std::uint32_t>(number);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 255);
  }
  std::string text;
  append_base64(bytes, text);
  return text;
}

json summary_of(const std::vector<double>& values) {
  const RobustSummary s = summarise(values);
  return {{"count", s.count},  {"min", s.minimum}, {"q1", s.quartile1}, {"median", s.median},
          {"q3", s.quartile3}, {"max", s.maximum}, {"scale", s.scale}};
}

/// A measure and its values; a volume also with the summary of its share of the intracranial
/// volume.
json measure_data(const GroupReport& report, std::size_t index) {
  const GroupMeasure& measure = report.measures[index];
  const bool volume = measure.kind == GroupMeasure::Kind::kVolume;
  std::vector<double> values, percent_of_icv;
  for (const GroupRow& row : report.rows) {
    values.push_back(row.values[index]);
    if (report.icv) percent_of_icv.push_back(100 * row.values[index] / row.values[*report.icv]);
  }
  json data{
      {"name", measure.name},     {"title", measure.title.empty() ? measure.name : measure.title},
      {"unit", measure.unit},     {"meaning", measure.meaning},
      {"volume", volume},         {"main", measure.main || index == report.icv},
      {"values", packed(values)}, {"summary", summary_of(values)}};
  if (volume && report.icv && index != *report.icv) {
    data["icvSummary"] = summary_of(percent_of_icv);
  }
  return data;
}

std::string link_of(const GroupRow& row) {
  return row.report.empty() ? "" : url_of_path(row.report) + "#" + image_anchor(row.image);
}

/// The columns of participants.tsv, with one cell for each row; failed images have none.
json participant_data(const GroupReport& report) {
  std::vector<std::string> names;
  for (const GroupRow& row : report.rows) {
    for (const Field& cell : row.participant) {
      if (std::find(names.begin(), names.end(), cell.name) == names.end())
        names.push_back(cell.name);
    }
  }
  json columns = json::array();
  for (const std::string& name : names) {
    std::vector<json> values(report.rows.size() + report.failures.size());
    for (std::size_t i = 0; i < report.rows.size(); ++i) {
      for (const Field& cell : report.rows[i].participant) {
        if (cell.name == name) values[i] = cell.value;
      }
    }
    columns.push_back({{"name", name}, {"values", values}});
  }
  return columns;
}

/// What the page says of its images, a list for each fact. Failed images come last: without values,
/// with "error" as verdict.
json image_data(const GroupReport& report) {
  json images = json::array(), subjects = images, links = images, verdicts = images;
  json reasons = images, digests = images, figures = images, thumbnails = images;
  const auto add = [&](const std::string& image, const std::string& subject,
                       const std::string& link, std::string_view verdict, const json& why) {
    images.push_back(image);
    subjects.push_back(subject);
    links.push_back(link);
    verdicts.push_back(verdict);
    reasons.push_back(why);
  };
  for (const GroupRow& row : report.rows) {
    add(row.image, row.subject, link_of(row), to_string(row.verdict), row.verdict_reasons);
    digests.push_back(row.segmentation_digest);
    figures.push_back(row.figures.empty() ? "" : url_of_path(row.figures));
    thumbnails.push_back(row.has_thumbnail ? 1 : 0);
  }
  for (const FailedImage& image : report.failures) {
    add(image.path, image.subject, link_of(image), "error",
        json::array({image.expected.empty()
                         ? image.found
                         : "expected " + image.expected + ", found " + image.found}));
  }
  return {{"images", images},     {"subjects", subjects},    {"links", links},
          {"verdicts", verdicts}, {"reasons", reasons},      {"digests", digests},
          {"figures", figures},   {"thumbnails", thumbnails}};
}

/// How the names of pictures end, after what GroupRow::figures has of them.
json picture_data(const std::string& suffix) {
  json sections = json::array();
  for (const Reportlet& reportlet : mosaic_reportlets("", "", suffix)) {
    json overlays = json::array();
    for (const Overlay& overlay : reportlet.overlays)
      overlays.push_back({{"name", overlay.name}, {"picture", url_of_path(overlay.path)}});
    sections.push_back({{"title", reportlet.title},
                        {"picture", url_of_path(reportlet.picture)},
                        {"overlays", overlays}});
  }
  return {{"thumbnail", url_of_path(thumbnail_name("", suffix))}, {"sections", sections}};
}

/// The ratings of the readers' tables, each with the number of its row.
json rating_data(const GroupReport& report) {
  std::map<std::pair<std::string, std::string>, std::size_t> row_of;
  for (std::size_t i = 0; i < report.rows.size(); ++i)
    row_of.emplace(std::pair(report.rows[i].image, report.rows[i].segmentation_digest), i);
  json ratings = json::array();
  for (const Rating& rating : report.ratings) {
    const auto row = row_of.find({rating.image, rating.digest});
    if (row == row_of.end()) continue;
    ratings.push_back({{"row", row->second},
                       {"rater", rating.rater},
                       {"time_ms", rating.time_ms},
                       {"rating", rating.rating == kClearedRating.word ? "" : rating.rating},
                       {"reasons", rating.reasons},
                       {"comment", rating.comment}});
  }
  return ratings;
}

json script_data(const GroupReport& report) {
  json measures = json::array();
  for (std::size_t i = 0; i < report.measures.size(); ++i) {
    measures.push_back(measure_data(report, i));
  }
  json data = image_data(report);
  data["suffix"] = report.suffix;
  data["icv"] = report.icv ? json(*report.icv) : json();
  data["measures"] = std::move(measures);
  data["participants"] = participant_data(report);
  data["pictures"] = picture_data(report.suffix);
  data["ratings"] = rating_data(report);
  data["ratingColumns"] = ratings_sidecar().dump(2);
  return data;
}

void check(const GroupReport& report) {
  for (const GroupRow& row : report.rows) {
    if (row.values.size() != report.measures.size()) {
      throw std::invalid_argument(row.image + ": a row needs one value per measure");
    }
  }
  if (report.icv && *report.icv >= report.measures.size()) {
    throw std::invalid_argument("the intracranial volume must be one of the measures");
  }
}

std::string images(std::size_t n) { return std::to_string(n) + (n == 1 ? " image" : " images"); }

void write_verdicts(HtmlWriter& html, const std::vector<GroupRow>& rows) {
  html.open("p");
  for (const Verdict verdict : {Verdict::kPass, Verdict::kWarning, Verdict::kFail}) {
    const auto n = std::count_if(rows.begin(), rows.end(),
                                 [&](const GroupRow& row) { return row.verdict == verdict; });
    if (n == 0) continue;
    write_badge(html, verdict);
    html.text(" " + std::to_string(n) + " \xC2\xA0 ");
  }
  html.close();
}

void write_summary(HtmlWriter& html, const GroupReport& report) {
  open_section(html, "summary", report.suffix + " images", "h1");
  html.open("p", {{"class", "lead"}});
  if (!report.dataset.empty()) html.text("Dataset ").element("b", report.dataset).text(". ");
  html.text(images(report.rows.size()) + " segmented, " + images(report.failures.size()) +
            " failed.");
  html.close();
  write_verdicts(html, report.rows);
  if (!report.tsv.empty()) {
    html.open("p").element("a", "Download the table (TSV)",
                           {{"href", url_of_path(report.tsv)}, {"download", ""}});
    if (!report.summary.empty()) {
      html.text(" \xC2\xB7 ")
          .element("a", "Statistics of all measures (JSON)",
                   {{"href", url_of_path(report.summary)}, {"download", ""}});
    }
    html.close();
  }
  if (!report.other_groups.empty()) {
    html.open("p").text("Other groups:");
    for (const OutputFile& page : report.other_groups) {
      html.text(" ");
      write_link(html, page);
    }
    html.close();
  }
  html.close();
}

/// What is seen where scripts don't run: the reports.
void write_plain_list(HtmlWriter& html, const std::vector<GroupRow>& rows) {
  html.open("noscript");
  html.element("p",
               "The plots and the table of this page need JavaScript; the numbers are in the TSV "
               "file. The reports are:",
               {{"class", "notice"}});
  html.open("ul");
  for (const GroupRow& row : rows) {
    html.open("li");
    if (row.report.empty()) {
      html.text(row.image);
    } else {
      html.element("a", file_name_of(row.image), {{"href", link_of(row)}});
    }
    html.text(" ");
    write_badge(html, row.verdict);
    html.close();
  }
  html.close().close();
}

void write_filter_help(HtmlWriter& html) {
  html.open("details", {{"id", "filter-help"}, {"class", "needs-script"}});
  html.element("summary", "What can be filtered");
  html.open("table");
  const std::pair<const char*, const char*> kTerms[] = {
      {"sub-01", "images whose path contains it; with blanks in quotes: \"sub-01 ses-2\""},
      {"verdict:fail", "the verdict: pass, warning, fail, error (not segmented) or none"},
      {"rating:unsure", "your rating: pass, unsure, fail, none or any"},
      {"ratings:disagree", "ratings of all raters: disagree, agree (of two or more), one or none"},
      {"rater:AB", "images that this rater has rated"},
      {"artefact:motion",
       "images with this among what a rater found wrong; comment:ghost likewise"},
      {"reason:volume", "images with this in a reason of the verdict"},
      {"outliers>=2", "main measures with a robust |z| above the limit; volume_outliers: volumes"},
      {"snr_total<9",
       "a measure by its name in the TSV table, which a column's title shows when "
       "pointed at; also <=, >=, >, =; none: not measured"},
      {"z_cnr<-3", "the robust z-score of a measure; |z| as in outliers: z_cnr<-3 or z_cnr>3"},
      {"age>25  sex:F", "a column of participants.tsv; with blanks in quotes: \"age at scan\">25"},
      {"-verdict:pass", "a minus turns any of these round"}};
  html.open("tbody");
  for (const auto& [term, meaning] : kTerms) {
    html.open("tr").open("th", {{"scope", "row"}}).element("code", term).close();
    html.element("td", meaning).close();
  }
  html.close().close();
  html.element(
      "p",
      "All terms must hold; after a colon, words with commas between are alternatives, as in "
      "verdict:warning,fail. pass, warning, fail and error alone are verdicts; unsure, "
      "rated and unrated are about your rating. A robust z-score is the distance from the "
      "median in units of 1.4826 median absolute deviations.",
      {{"class", "legend"}});
  html.close();
}

void write_view_tools(HtmlWriter& html) {
  html.open("div", {{"class", "controls needs-script"}});
  html.open("fieldset", {{"class", "layers-tool"}}).element("legend", "View");
  for (const char* view : {"table", "wall"}) {
    html.open("label", {{"class", "choice"}});
    html.empty("input",
               {{"type", "radio"}, {"name", "view"}, {"value", view}, {"autocomplete", "off"}});
    html.element("span", view).close();
  }
  html.close();
  html.open("label").text("Order ");
  html.open("select", {{"id", "order"}, {"autocomplete", "off"}}).close().close();
  html.element("button", "Descending", {{"type", "button"}, {"id", "direction"}});
  html.element("button", "Review these images (r)", {{"type", "button"}, {"id", "start-review"}});
  html.close();
}

void write_table(HtmlWriter& html, const GroupReport& report) {
  open_section(html, "images", "Images");
  write_plain_list(html, report.rows);
  html.open("div", {{"class", "controls needs-script"}});
  html.open("label").text("Filter ");
  html.empty("input", {{"type", "search"},
                       {"id", "filter"},
                       {"placeholder", "verdict:fail  outliers>=2  -sub-01"},
                       {"autocomplete", "off"},
                       {"aria-describedby", "filter-problems"}});
  html.close();
  html.open("label").text("Columns ");
  html.open("select", {{"id", "column-set"}, {"autocomplete", "off"}}).close().close();
  html.open("label").text("Outlier: robust |z| above ");
  html.empty("input", {{"type", "number"},
                       {"id", "threshold"},
                       {"autocomplete", "off"},
                       {"min", "1"},
                       {"max", "20"},
                       {"step", "0.5"},
                       {"value", "3.5"}});
  html.close().close();
  write_view_tools(html);
  write_filter_help(html);
  html.element("p", "", {{"id", "filter-problems"}, {"class", "warnings"}, {"role", "status"}});
  write_rating_tools(html, true);
  html.element("p", "", {{"id", "found"}, {"role", "status"}});
  html.open(
      "div",
      {{"class", "rows-box"}, {"tabindex", "0"}, {"role", "group"}, {"aria-label", "Images"}});
  html.open("table", {{"class", "rows"}, {"id", "rows"}}).close().close();
  html.open("div", {{"id", "wall"},
                    {"class", "wall needs-script"},
                    {"tabindex", "0"},
                    {"role", "group"},
                    {"aria-label", "Pictures of the images"},
                    {"hidden", ""}});
  html.close().close();
}

/// Where one image after the other is looked at and rated; the script fills it in.
void write_review(HtmlWriter& html) {
  html.open("section", {{"id", "review"}, {"aria-labelledby", "review-title"}, {"hidden", ""}});
  html.open("div", {{"class", "review-bar"}});
  html.element("h1", "Review", {{"id", "review-title"}, {"tabindex", "-1"}});
  html.element("p", "", {{"id", "review-place"}});
  html.open("div", {{"class", "controls"}});
  const std::pair<const char*, const char*> kButtons[] = {
      {"review-previous", "Previous (p)"},
      {"review-next", "Next (n)"},
      {"review-undo", "Undo (u)"},
      {"review-overlay", "Overlay (o)"},
      {"review-close", "Back to the list (Esc)"}};
  for (const auto& [id, text] : kButtons) {
    html.element("button", text, {{"type", "button"}, {"id", id}});
  }
  html.element("a", "Report of the subject", {{"id", "review-report"}, {"href", "#review"}});
  html.close().close();
  html.open("p", {{"id", "review-facts"}}).close();
  write_rating_form(html, "review");
  html.open("div", {{"id", "review-pictures"}}).close().close();
}

void write_strips(HtmlWriter& html, const std::string& id, const std::string& title,
                  bool with_icv) {
  open_section(html, id, title);
  html.open("div", {{"class", "controls needs-script"}});
  html.open("label").text("Show measures named ");
  html.empty("input",
             {{"type", "search"}, {"class", "measure-filter"}, {"data-strips", id + "-strips"}});
  html.close();
  if (with_icv) {
    html.open("label");
    html.empty("input", {{"type", "checkbox"}, {"id", "of-icv"}, {"autocomplete", "off"}});
    html.text("as % of the intracranial volume").close();
  }
  html.close();
  html.element(
      "p",
      "One point per image, outliers larger and red; box: quartiles and median, whiskers: "
      "furthest points within 1.5 interquartile ranges. A click opens the image's report; arrow "
      "keys go from point to point, Enter opens it.",
      {{"class", "legend"}});
  html.open("div", {{"class", "strips"}, {"id", id + "-strips"}}).close().close();
}

bool has(const GroupReport& report, GroupMeasure::Kind kind) {
  for (const GroupMeasure& measure : report.measures) {
    if (measure.kind == kind) return true;
  }
  return false;
}

}  // namespace

void write_group_placeholder(const fs::path& path, const std::string& suffix,
                             const Provenance& provenance) {
  Page page;
  page.title = suffix + " group \xC2\xB7 hypersynth";
  page.kind = "group";
  page.navigation = {{"summary", "Summary"}, {"provenance", "Provenance"}};
  HtmlWriter html;
  open_section(html, "summary", suffix + " images", "h1");
  html.open("p").text("The page of all ").text(suffix).text(" images has not been made yet. ");
  html.text("The group level makes it: ");
  html.element("code", "hypersynth BIDS_DIR OUTPUT_DIR group").text(".").close().close();
  open_section(html, "provenance", "Provenance");
  write_provenance(html, provenance);
  html.close();
  page.content = std::move(html).finish();
  write_atomically(path, page_html(page, json::object()));
}

std::string group_report_html(const GroupReport& report) {
  check(report);
  Page page;
  page.title = report.suffix + " group \xC2\xB7 hypersynth";
  page.kind = "group";
  for (const auto script :
       {assets::ratings_js, assets::filter_js, assets::group_table_js, assets::group_strips_js,
        assets::group_wall_js, assets::group_review_js, assets::group_js})
    page.script.append(script);
  HtmlWriter html;
  write_summary(html, report);
  page.navigation = {{"summary", "Summary"}, {"images", "Images"}};
  write_table(html, report);
  write_review(html);
  if (has(report, GroupMeasure::Kind::kQuality)) {
    page.navigation.push_back({"quality", "Image quality"});
    write_strips(html, "quality", "Image quality", false);
  }
  if (has(report, GroupMeasure::Kind::kVolume)) {
    page.navigation.push_back({"volumes", "Volumes"});
    write_strips(html, "volumes", "Volumes", report.icv.has_value());
  }
  if (report.agreement) write_agreement(html, *report.agreement, page.navigation);
  if (!report.failures.empty()) {
    page.navigation.push_back({"failures", "Failed images", Verdict::kFail});
    open_section(html, "failures", "Images that failed");
    write_failures(html, report.failures);
    html.close();
  }
  page.navigation.push_back({"provenance", "Provenance"});
  open_section(html, "provenance", "Provenance");
  write_provenance(html, report.provenance);
  html.close();
  page.content = std::move(html).finish();
  return page_html(page, script_data(report));
}

void write_group_report(const fs::path& path, const GroupReport& report) {
  write_atomically(path, group_report_html(report));
}

}  // namespace hypersynth
