#include "report/svg.h"

#include <algorithm>
#include <cmath>

#include "report/html.h"
#include "report/number.h"

namespace hypersynth {
namespace {

struct LogAxis {
  double low_decade = 0;
  double high_decade = 1;
  double left_px = 0;
  double width_px = 1;

  double at(double value) const {
    return left_px + width_px * (std::log10(value) - low_decade) / (high_decade - low_decade);
  }
};

LogAxis axis_of(const std::vector<DotRow>& rows, double left_px, double width_px) {
  double low = 1e300, high = 0;
  for (const DotRow& row : rows) {
    for (const double value : {row.left, row.right, row.unpaired}) {
      if (!(value > 0) || !std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  if (high == 0) return {0, 1, left_px, width_px};
  const double low_decade = std::floor(std::log10(low));
  return {low_decade, std::max(std::floor(std::log10(high)) + 1, low_decade + 1), left_px,
          width_px};
}

void write_axis(HtmlWriter& svg, const LogAxis& axis, double top, double bottom) {
  for (double decade = axis.low_decade; decade <= axis.high_decade; ++decade) {
    const std::string x = svg_px(axis.at(std::pow(10, decade)));
    svg.empty(
        "line",
        {{"class", "grid"}, {"x1", x}, {"x2", x}, {"y1", svg_px(top)}, {"y2", svg_px(bottom)}});
    svg.element("text", fixed_number(std::pow(10, decade), decade < 0 ? -int(decade) : 0),
                {{"x", x}, {"y", svg_px(bottom + 14)}, {"text-anchor", "middle"}});
  }
}

void write_dots(HtmlWriter& svg, const LogAxis& axis, const DotRow& row, double y) {
  const auto drawn = [](double value) { return value > 0 && std::isfinite(value); };
  if (drawn(row.left)) {
    svg.empty(
        "circle",
        {{"class", "left"}, {"cx", svg_px(axis.at(row.left))}, {"cy", svg_px(y)}, {"r", "4"}});
  }
  if (drawn(row.right)) {
    svg.empty(
        "circle",
        {{"class", "right"}, {"cx", svg_px(axis.at(row.right))}, {"cy", svg_px(y)}, {"r", "5"}});
  }
  if (drawn(row.unpaired)) {
    const double x = axis.at(row.unpaired);
    svg.empty("path", {{"class", "unpaired"},
                       {"d", "M" + svg_px(x - 5) + " " + svg_px(y) + "l5 -5 5 5 -5 5z"}});
  }
}

}  // namespace

std::string svg_px(double value) {
  std::string text = std::to_string(std::lround(value * 100));
  const bool negative = text[0] == '-';
  if (negative) text.erase(0, 1);
  if (text.size() < 3) text.insert(0, 3 - text.size(), '0');
  text.insert(text.size() - 2, ".");
  return (negative ? "-" : "") + text;
}

std::string asymmetry_bar_svg(double percent, double limit) {
  if (!std::isfinite(percent) || limit <= 0) return "";
  constexpr double kHalf = 40;
  const double length = kHalf * std::min(std::abs(percent) / limit, 1.);
  HtmlWriter svg;
  svg.open("svg", {{"class", "asymmetry"}, {"viewBox", "0 0 80 12"}, {"aria-hidden", "true"}});
  // More on the left draws to the left.
  svg.empty("rect", {{"class", std::abs(percent) > limit ? "bar cut" : "bar"},
                     {"x", svg_px(percent > 0 ? kHalf - length : kHalf)},
                     {"y", "2"},
                     {"width", svg_px(length)},
                     {"height", "8"}});
  svg.empty("line", {{"class", "zero"}, {"x1", "40"}, {"x2", "40"}, {"y1", "0"}, {"y2", "12"}});
  svg.close();
  return std::move(svg).finish();
}

std::string dot_chart_svg(const std::vector<DotRow>& rows, const std::string& axis_title,
                          const std::string& title) {
  constexpr double kNames = 210, kPlot = 520, kRow = 19, kTop = 8;
  const LogAxis axis = axis_of(rows, kNames, kPlot);
  const double bottom = kTop + kRow * static_cast<double>(rows.size());
  HtmlWriter svg;
  svg.open("svg", {{"class", "dots"},
                   {"viewBox", "0 0 " + svg_px(kNames + kPlot + 40) + " " + svg_px(bottom + 36)},
                   {"role", "img"},
                   {"aria-label", title}});
  write_axis(svg, axis, kTop, bottom);
  double y = kTop + kRow / 2;
  for (const DotRow& row : rows) {
    svg.element("text", row.name,
                {{"x", svg_px(kNames - 12)}, {"y", svg_px(y + 4)}, {"text-anchor", "end"}});
    svg.empty("line", {{"class", "row"},
                       {"x1", svg_px(kNames)},
                       {"x2", svg_px(kNames + kPlot)},
                       {"y1", svg_px(y)},
                       {"y2", svg_px(y)}});
    write_dots(svg, axis, row, y);
    y += kRow;
  }
  svg.element(
      "text", axis_title,
      {{"x", svg_px(kNames + kPlot / 2)}, {"y", svg_px(bottom + 30)}, {"text-anchor", "middle"}});
  svg.close();
  return std::move(svg).finish();
}

std::string css_colour(Rgb colour) {
  return "rgb(" + std::to_string(colour.red) + "," + std::to_string(colour.green) + "," +
         std::to_string(colour.blue) + ")";
}

std::string swatch_svg(const std::string& colour) {
  HtmlWriter svg;
  svg.open("svg", {{"class", "swatch"}, {"viewBox", "0 0 12 12"}, {"aria-hidden", "true"}});
  svg.empty("rect", {{"width", "12"}, {"height", "12"}, {"rx", "2"}, {"fill", colour}}).close();
  return std::move(svg).finish();
}

}  // namespace hypersynth
