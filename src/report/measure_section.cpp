#include "report/measure_section.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <string>

#include "report/number.h"
#include "report/page.h"

namespace hypersynth {
namespace {

using Rows = std::vector<const QualityMeasure*>;

bool is_flagged(const QualityMeasure& measure) {
  return measure.verdict == Verdict::kWarning || measure.verdict == Verdict::kFail;
}

/// One sentence for all measures that are missing for the same reason.
void write_missing(HtmlWriter& html, const std::vector<QualityMeasure>& measures) {
  std::map<std::string, std::string> names_of;
  for (const QualityMeasure& measure : measures) {
    if (std::isfinite(measure.value) || measure.note.empty()) continue;
    std::string& names = names_of[measure.note];
    names += (names.empty() ? "" : ", ") + measure.name;
  }
  for (const auto& [reason, names] : names_of) {
    html.open("p").text("Not measured: ").element("code", names);
    html.text(". Reason: " + reason + ".").close();
  }
}

/// An arrow for the direction in which the measure gets better, and the same in words.
void write_direction(HtmlWriter& html, const std::string& better) {
  const bool higher = better == "higher";
  if (!higher && better != "lower") return;
  html.text(" ")
      .element("span", higher ? "\xE2\x86\x91" : "\xE2\x86\x93",
               {{"aria-hidden", "true"}, {"title", better + " is better"}})
      .element("span", " (" + better + " is better)", {{"class", "hidden-text"}});
}

void write_row(HtmlWriter& html, const QualityMeasure& measure) {
  html.open("tr").open("th", {{"scope", "row"}});
  html.text(measure.title.empty() ? measure.name : measure.title);
  if (!measure.title.empty()) html.text(" ").element("code", measure.name);
  write_direction(html, measure.better);
  html.close();
  std::string value = short_number(measure.value);
  if (!measure.unit.empty() && std::isfinite(measure.value)) value += " " + measure.unit;
  html.element("td", value, {{"class", "number"}}).open("td");
  write_badge(html, measure.verdict);
  html.close().element("td", measure.limits).open("td").text(measure.meaning);
  if (!measure.note.empty()) html.text(" ").element("em", measure.note);
  html.close().close();
}

void write_table(HtmlWriter& html, const std::string& name, const Rows& rows) {
  open_scrolling(html, name);
  html.open("table", {{"class", "measures"}}).open("thead").open("tr");
  for (const char* title : {"Measure", "Value", "Verdict", "Limits", "What it tells"})
    html.element("th", title, {{"scope", "col"}});
  html.close().close().open("tbody");
  for (const QualityMeasure* row : rows) write_row(html, *row);
  html.close().close().close();
}

std::string capitalised(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

void write_flagged(HtmlWriter& html, const std::vector<QualityMeasure>& measures) {
  Rows flagged;
  for (const auto& measure : measures) {
    if (is_flagged(measure)) flagged.push_back(&measure);
  }
  if (flagged.empty()) {
    html.element("p", "No measure is beyond its limits.");
    return;
  }
  // Failures first.
  std::stable_sort(flagged.begin(), flagged.end(),
                   [](const auto* a, const auto* b) { return a->verdict > b->verdict; });
  write_table(html, "Measures beyond their limits", flagged);
}

}  // namespace

void write_measures(HtmlWriter& html, const std::vector<QualityMeasure>& measures) {
  write_flagged(html, measures);
  write_missing(html, measures);
  std::vector<std::string> families;
  std::map<std::string, Rows> rows_of;
  for (const auto& measure : measures) {
    if (is_flagged(measure)) continue;
    if (rows_of.find(measure.family) == rows_of.end()) families.push_back(measure.family);
    rows_of[measure.family].push_back(&measure);
  }
  for (const auto& family : families) {
    const Rows& rows = rows_of[family];
    const std::string title = family.empty() ? "Other measures" : capitalised(family);
    html.open("details", {{"class", "family"}});
    html.element("summary", title + " (" + std::to_string(rows.size()) + ")");
    write_table(html, title, rows);
    html.close();
  }
}

}  // namespace hypersynth
