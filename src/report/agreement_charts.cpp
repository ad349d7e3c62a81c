#include "report/agreement_charts.h"

#include <algorithm>
#include <cmath>

#include "report/chart_axis.h"
#include "report/html.h"
#include "report/number.h"
#include "report/robust.h"
#include "report/svg.h"

namespace hypersynth {
namespace {

void write_point(HtmlWriter& svg, double x, double y, const std::string& text) {
  svg.open("circle", {{"class", "image"}, {"cx", svg_px(x)}, {"cy", svg_px(y)}, {"r", "3"}});
  svg.element("title", text).close();
}

/// A point of a chart, in pixels, and how far it is from what most are.
struct PlacedPoint {
  double x = 0;
  double y = 0;
  double distance = 0;
  const std::string& text;
};

/// Of a chart with more points than these only the most distant have a name; the rest is one path,
/// since a page with tens of thousands of elements is slow.
constexpr std::size_t kMostNamed = 2000;

/// Draws `points`, the `named` most distant of them with their names.
void write_points(HtmlWriter& svg, const std::vector<PlacedPoint>& points, std::size_t named) {
  std::vector<const PlacedPoint*> order;
  for (const auto& point : points) order.push_back(&point);
  std::stable_sort(order.begin(), order.end(), [](const PlacedPoint* a, const PlacedPoint* b) {
    return a->distance > b->distance;
  });
  std::string path;
  for (std::size_t i = named; i < order.size(); ++i)
    path += "M" + svg_px(order[i]->x) + " " + svg_px(order[i]->y) + "h0";
  if (!path.empty()) svg.element("path", "", {{"class", "images"}, {"d", path}});
  for (std::size_t i = 0; i < std::min(named, order.size()); ++i)
    write_point(svg, order[i]->x, order[i]->y, order[i]->text);
}

bool is_drawn(const ChartPoint& point) { return point.x > 0 && std::isfinite(point.x + point.y); }

/// The axis of differences: what most points and the limits need.
LinearAxis difference_axis(const std::vector<ChartPoint>& points, const AgreementLimits& limits,
                           double top_px, double height_px) {
  std::vector<double> values;
  for (const auto& point : points) values.push_back(point.y);
  std::sort(values.begin(), values.end());
  const auto at = [&](double fraction) {
    return values.empty() ? 0
                          : values[static_cast<std::size_t>(
                                std::lround(fraction * static_cast<double>(values.size() - 1)))];
  };
  const double low = std::min({at(0.01), limits.low, 0.0});
  const double high = std::max({at(0.99), limits.high, 0.0});
  const double margin = std::max(0.05 * (high - low), 0.5);
  return {low - margin, high + margin, top_px + height_px, -height_px};
}

}  // namespace

std::string strip_chart_svg(const std::vector<StripRow>& rows, const std::string& axis_title,
                            const std::string& title) {
  constexpr double kNames = 210, kPlot = 520, kRow = 17, kTop = 8;
  const LinearAxis axis{0, 1, kNames, kPlot};
  const double bottom = kTop + kRow * static_cast<double>(rows.size());
  HtmlWriter svg;
  svg.open("svg", {{"class", "dots agreement"},
                   {"viewBox", "0 0 " + svg_px(kNames + kPlot + 40) + " " + svg_px(bottom + 36)},
                   {"role", "img"},
                   {"aria-label", title}});
  for (int tenth = 0; tenth <= 10; tenth += 2) {
    const double x = axis.at(tenth / 10.0);
    write_line(svg, "grid", x, kTop, x, bottom);
    write_text(svg, fixed_number(tenth / 10.0, 1), x, bottom + 14, "middle");
  }
  std::size_t all = 0;
  for (const StripRow& row : rows) all += row.points.size();
  constexpr std::size_t kNamedOfRow = 10;
  double y = kTop + kRow / 2;
  for (const StripRow& row : rows) {
    write_text(svg, row.name, kNames - 12, y + 4, "end");
    write_line(svg, "row", kNames, y, kNames + kPlot, y);
    std::vector<double> values;
    std::vector<PlacedPoint> points;
    for (const ChartPoint& point : row.points) {
      if (!std::isfinite(point.x)) continue;
      values.push_back(point.x);
      points.push_back(
          {axis.at(point.x), y, -point.x, point.text});  // the lowest scores have names
    }
    write_points(svg, points, all > kMostNamed ? kNamedOfRow : points.size());
    if (!values.empty()) {
      const double median = axis.at(summarise(values).median);
      write_line(svg, "median", median, y - 7, median, y + 7);
    }
    y += kRow;
  }
  write_text(svg, axis_title, kNames + kPlot / 2, bottom + 30, "middle");
  svg.close();
  return std::move(svg).finish();
}

AgreementLimits agreement_limits(const std::vector<ChartPoint>& points) {
  double count = 0, sum = 0, squares = 0;
  for (const auto& point : points) {
    if (!std::isfinite(point.y)) continue;
    ++count;
    sum += point.y;
  }
  if (count == 0) return {};
  const double mean = sum / count;
  for (const auto& point : points) {
    if (std::isfinite(point.y)) squares += (point.y - mean) * (point.y - mean);
  }
  const double half = count > 1 ? 1.96 * std::sqrt(squares / (count - 1)) : 0;
  return {mean, mean - half, mean + half};
}

std::string bland_altman_svg(const std::vector<ChartPoint>& points, const std::string& x_title,
                             const std::string& y_title, const std::string& title) {
  constexpr double kLeft = 60, kPlot = 620, kTop = 10, kHeight = 300;
  std::vector<ChartPoint> drawn;
  std::copy_if(points.begin(), points.end(), std::back_inserter(drawn), is_drawn);
  double low = 1, high = 10;
  if (!drawn.empty()) {
    const auto [least, most] =
        std::minmax_element(drawn.begin(), drawn.end(),
                            [](const ChartPoint& a, const ChartPoint& b) { return a.x < b.x; });
    low = std::pow(10, std::floor(std::log10(least->x)));
    high = std::max(std::pow(10, std::ceil(std::log10(most->x))), 10 * low);
  }
  const AgreementLimits limits = agreement_limits(drawn);
  const LinearAxis x{std::log10(low), std::log10(high), kLeft, kPlot};
  const LinearAxis y = difference_axis(drawn, limits, kTop, kHeight);
  HtmlWriter svg;
  svg.open("svg", {{"class", "dots agreement"},
                   {"viewBox", "0 0 820 " + svg_px(kTop + kHeight + 40)},
                   {"role", "img"},
                   {"aria-label", title}});
  const double decades = std::max(1.0, std::ceil((x.high - x.low) / 10));
  for (double decade = x.low; decade <= x.high + 0.5; decade += decades) {
    write_line(svg, "grid", x.at(decade), kTop, x.at(decade), kTop + kHeight);
    write_text(svg, short_number(std::pow(10, decade), 1), x.at(decade), kTop + kHeight + 14,
               "middle");
  }
  const double step = nice_step(y.high - y.low, 6);
  for (double tick = std::ceil(y.low / step) * step; tick <= y.high; tick += step) {
    write_line(svg, "grid", kLeft, y.at(tick), kLeft + kPlot, y.at(tick));
    write_text(svg, short_number(std::abs(tick) < 1e-9 * step ? 0 : tick, 3), kLeft - 6,
               y.at(tick) + 4, "end");
  }
  constexpr std::size_t kNamedOfMany = 100;
  std::vector<PlacedPoint> placed;
  for (const ChartPoint& point : drawn)
    placed.push_back(
        {x.at(std::log10(point.x)), y.at(point.y), std::abs(point.y - limits.mean), point.text});
  write_points(svg, placed, placed.size() > kMostNamed ? kNamedOfMany : placed.size());
  const std::pair<const char*, double> lines[] = {{"mean", limits.mean},
                                                  {"\xE2\x88\x92"
                                                   "1.96 SD",
                                                   limits.low},
                                                  {"+1.96 SD", limits.high}};
  for (const auto& [name, value] : lines) {
    write_line(svg, value == limits.mean ? "mean" : "limit", kLeft, y.at(value), kLeft + kPlot,
               y.at(value));
    write_text(svg, std::string(name) + " " + fixed_number(value, 1), kLeft + kPlot + 6,
               y.at(value) + 4, "start");
  }
  write_text(svg, x_title, kLeft + kPlot / 2, kTop + kHeight + 32, "middle");
  svg.element("text", y_title,
              {{"transform", "translate(14 " + svg_px(kTop + kHeight / 2) + ") rotate(-90)"},
               {"text-anchor", "middle"}});
  svg.close();
  return std::move(svg).finish();
}

}  // namespace hypersynth
