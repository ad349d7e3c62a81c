#include "report/group_report.h"

#include <cmath>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "report/assets.h"
#include "report/number.h"
#include "report/page.h"

namespace hypersynth {
namespace {

std::string link_of(const GroupRow& row) {
  return row.report.empty() ? "" : url_of_path(row.report) + "#" + image_anchor(row.image);
}

nlohmann::json script_data(const GroupReport& report) {
  nlohmann::json measures = nlohmann::json::array(), rows = nlohmann::json::array();
  for (const GroupMeasure& m : report.measures) {
    measures.push_back({{"name", m.name},
                        {"title", m.title.empty() ? m.name : m.title},
                        {"unit", m.unit},
                        {"meaning", m.meaning},
                        {"volume", m.kind == GroupMeasure::Kind::kVolume}});
  }
  for (const GroupRow& row : report.rows) {
    nlohmann::json values = nlohmann::json::array();
    for (const double value : row.values) {
      values.push_back(std::isfinite(value) ? nlohmann::json(value) : nlohmann::json());
    }
    rows.push_back({row.image, row.subject, link_of(row), to_string(row.verdict), values});
  }
  return {{"dataset", report.dataset},
          {"suffix", report.suffix},
          {"measures", measures},
          {"rows", rows},
          {"icv", report.icv ? nlohmann::json(*report.icv) : nlohmann::json()}};
}

}  // namespace

std::string group_report_html(const GroupReport& report) {
  for (const GroupRow& row : report.rows) {
    if (row.values.size() != report.measures.size()) {
      throw std::invalid_argument(row.image + ": not one value per measure");
    }
  }
  Page page;
  page.title = report.dataset + " " + report.suffix + " \xC2\xB7 hypersynth";
  page.kind = "group";
  page.script = assets::group_js;
  HtmlWriter html;
  html.element("h1", report.suffix);
  if (!report.failures.empty()) write_failures(html, report.failures);
  write_provenance(html, report.provenance);
  page.content = std::move(html).finish();
  return page_html(page, script_data(report));
}

void write_group_report(const fs::path& path, const GroupReport& report) {
  write_atomically(path, group_report_html(report));
}

}  // namespace hypersynth
