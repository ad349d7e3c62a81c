#include "report/position_section.h"

#include <algorithm>
#include <cmath>

#include "report/chart_axis.h"
#include "report/number.h"
#include "report/page.h"
#include "report/svg.h"

namespace hypersynth {
namespace {

void write_rows(HtmlWriter& html, const std::vector<ValuePosition>& positions,
                const std::string& title) {
  if (positions.empty()) return;
  open_scrolling(html, title + ": position in the group");
  html.open("table", {{"class", "positions"}}).open("thead").open("tr");
  html.element("th", title, {{"scope", "col"}});
  for (const char* name : {"Value", "Percentile", "Robust z"})
    html.element("th", name, {{"scope", "col"}, {"class", "number"}});
  html.element("th",
               "z from \xE2\x88\x92"
               "4 to 4",
               {{"scope", "col"}});
  html.element("th", "Remark", {{"scope", "col"}}).close().close().open("tbody");
  for (const auto& position : positions) {
    html.open("tr").element("th", position.title, {{"scope", "row"}});
    const std::string unit = position.unit.empty() ? "" : " " + position.unit;
    html.element("td", short_number(position.value) + unit, {{"class", "number"}});
    html.element("td", fixed_number(position.percentile, 0), {{"class", "number"}});
    html.element("td", fixed_number(position.z, 1), {{"class", "number"}});
    html.open("td", {{"class", "chart"}}).trusted(position_svg(position.z)).close().open("td");
    if (std::abs(position.z) > kUnusual_z)
      html.element("span", position.z > 0 ? "unusually high" : "unusually low",
                   {{"class", "badge warning"}});
    html.close().close();
  }
  html.close().close().close();
}

}  // namespace

std::string position_svg(double z) {
  if (!std::isfinite(z)) return "";
  constexpr double kWidth = 100, kHeight = 12, kMost_z = 4;
  const LinearAxis axis{-kMost_z, kMost_z, 4, kWidth - 8};
  HtmlWriter svg;
  svg.open("svg",
           {{"class", "curve position"}, {"viewBox", "0 0 100 12"}, {"aria-hidden", "true"}});
  write_line(svg, "grid", axis.at(-kMost_z), kHeight / 2, axis.at(kMost_z), kHeight / 2);
  write_line(svg, "axis", axis.at(0), 1, axis.at(0), kHeight - 1);
  svg.empty("circle", {{"class", std::abs(z) > kUnusual_z ? "dot second" : "dot"},
                       {"cx", svg_px(axis.at(z))},
                       {"cy", svg_px(kHeight / 2)},
                       {"r", "3.4"}});
  svg.close();
  return std::move(svg).finish();
}

void write_position(HtmlWriter& html, const GroupPosition& position) {
  if (position.method.empty()) return;
  html.element("h3", "Position in the group");
  html.open("p", {{"class", "legend"}});
  for (const auto& sentence : position.method) html.text(sentence + " ");
  html.close();
  if (position.volumes.empty() && position.measures.empty()) return;
  html.open("details", {{"class", "chart"}}).element("summary", "Percentiles and robust z-scores");
  write_rows(html, position.volumes, "Volume");
  write_rows(html, position.measures, "Measure");
  html.close();
}

}  // namespace hypersynth
