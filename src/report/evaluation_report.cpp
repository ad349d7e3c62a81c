#include "report/evaluation_report.h"

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "report/number.h"

namespace hypersynth {
namespace {

void write_head(HtmlWriter& html, const std::vector<const char*>& titles) {
  html.open("thead").open("tr");
  for (const char* title : titles) html.element("th", title, {{"scope", "col"}});
  html.close().close().open("tbody");
}

std::string with_interval(const EstimateCell& cell, int decimals) {
  return hypersynth::with_interval(cell.value, cell.low, cell.high, decimals);
}

void write_cells(HtmlWriter& html, const std::string& name, const std::vector<std::string>& cells) {
  html.open("tr").element("th", name, {{"scope", "row"}});
  for (const auto& cell : cells) html.element("td", cell, {{"class", "number"}});
  html.close();
}

void write_summary(HtmlWriter& html, const EvaluationReport& report) {
  open_section(html, "summary", "Evaluation", "h1");
  html.open("p", {{"class", "lead"}});
  if (!report.dataset.empty()) html.text("Dataset ").element("b", report.dataset).text(". ");
  html.text(report.segmentations).close();
  html.open("p").text("Tables:");
  for (const OutputFile& table : report.tables) {
    html.text(" ");
    write_link(html, table);
  }
  html.close().close();
}

void write_comparison(HtmlWriter& html, const EvaluationReport& report) {
  open_section(html, "comparison", "Compared with " + report.other);
  html.element("p",
               "Differences are those of these segmentations less the other ones, image by image, "
               "with a 95 % bootstrap interval of their mean; p is that of Wilcoxon's signed-rank "
               "test, two-sided, not corrected for the number of tests.",
               {{"class", "legend"}});
  open_scrolling(html, "Comparison");
  html.open("table");
  write_head(html, {"Structure", "Measure", "Images", "These", "Other", "Difference", "p"});
  for (const ComparisonRow& row : report.comparison) {
    write_cells(html, row.structure,
                {row.measure, std::to_string(row.images), short_number(row.mean, 4),
                 short_number(row.other_mean, 4), with_interval(row.difference, 4),
                 short_number(row.p_value, 3)});
  }
  html.close().close().close().close();
}

void write_reliability(HtmlWriter& html, const EvaluationReport& report) {
  open_section(html, "reliability", "Test-retest");
  html.element("p",
               "Volumes of two sessions of each person: second less first, in percent of their "
               "mean, and the intraclass correlation ICC(A,1) for absolute agreement, with 95 % "
               "intervals.",
               {{"class", "legend"}});
  open_scrolling(html, "Test-retest");
  html.open("table");
  write_head(html, {"Structure", "Pairs", "Difference, %", "Absolute difference, %", "ICC"});
  for (const ReliabilityRow& row : report.reliability) {
    write_cells(html, row.structure,
                {std::to_string(row.pairs), with_interval(row.difference_percent, 2),
                 with_interval(row.absolute_difference_percent, 2), with_interval(row.icc, 3)});
  }
  html.close().close().close();
  if (!report.without_retest.empty()) {
    html.element("h3", "Left out");
    open_scrolling(html, "Left out");
    html.open("table", {{"class", "failures"}});
    write_head(html, {"File", "Why"});
    for (const UnscoredImage& image : report.without_retest) {
      html.open("tr").open("th", {{"scope", "row"}}).element("code", image.path).close();
      html.element("td", image.reason).close();
    }
    html.close().close().close();
  }
  html.close();
}

}  // namespace

std::string evaluation_report_html(const EvaluationReport& report) {
  Page page;
  page.title = "Evaluation \xC2\xB7 hypersynth";
  page.kind = "group";
  HtmlWriter html;
  page.navigation.push_back({"summary", "Summary"});
  write_summary(html, report);
  if (report.agreement) write_agreement(html, *report.agreement, page.navigation);
  if (!report.comparison.empty()) {
    page.navigation.push_back({"comparison", "Comparison"});
    write_comparison(html, report);
  }
  if (!report.reliability.empty() || !report.without_retest.empty()) {
    page.navigation.push_back({"reliability", "Test-retest"});
    write_reliability(html, report);
  }
  page.navigation.push_back({"provenance", "Provenance"});
  open_section(html, "provenance", "Provenance");
  write_provenance(html, report.provenance);
  html.close();
  page.content = std::move(html).finish();
  return page_html(page, {{"dataset", report.dataset}});
}

void write_evaluation_report(const fs::path& path, const EvaluationReport& report) {
  write_atomically(path, evaluation_report_html(report));
}

}  // namespace hypersynth
