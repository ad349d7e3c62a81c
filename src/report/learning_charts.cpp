#include "report/learning_charts.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/utf8.h"
#include "report/html.h"
#include "report/number.h"
#include "report/svg.h"

namespace hypersynth {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string_view class_of(LineKind kind) {
  switch (kind) {
    case LineKind::kFirst:
      return "line first";
    case LineKind::kSecond:
      return "line second";
    case LineKind::kStart:
      return "line start";
  }
  return "line first";
}

bool is_drawn(const CurvePoint& point) { return can_be_drawn(point.value); }

/// The mean of the points that can be drawn; a gap at the middle if there are none.
CurvePoint mean_of(const CurvePoint* begin, const CurvePoint* end) {
  CurvePoint sum{0, 0};
  double count = 0;
  for (const CurvePoint* point = begin; point != end; ++point) {
    if (!is_drawn(*point)) continue;
    sum.step += point->step;
    sum.value += point->value;
    ++count;
  }
  if (count == 0) return {begin[(end - begin) / 2].step, std::nan("")};
  return {sum.step / count, sum.value / count};
}

/// The least and the greatest of some numbers.
struct Extent {
  double low = kInfinity;
  double high = -kInfinity;

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

/// Where ticks of an axis stand.
std::vector<double> ticks_of(const LinearAxis& axis, double step) {
  std::vector<double> ticks;
  const double first = std::ceil(axis.low / step - 1e-9);
  const double count = std::floor(axis.high / step + 1e-9) - first;
  for (double i = 0; i <= count; ++i) ticks.push_back((first + i) * step);
  return ticks;
}

/// The columns that a character of `bytes` bytes fills: one of three bytes or more may be wide.
std::size_t columns_of(std::size_t bytes) { return bytes > 2 ? 2 : 1; }

/// The columns that the longest of the texts fills.
std::size_t longest(const std::vector<std::string>& texts) {
  std::size_t most = 0;
  for (const std::string_view text : texts) {
    std::size_t columns = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t bytes = std::max<std::size_t>(utf8_length(text.substr(at)), 1);
      columns += columns_of(bytes);
      at += bytes;
    }
    most = std::max(most, columns);
  }
  return most;
}

/// The shape of a line: pieces between gaps. Points that stand alone between two gaps go to
/// `alone`.
std::string path_of(const std::vector<CurvePoint>& points, const LinearAxis& x, const LinearAxis& y,
                    std::vector<CurvePoint>& alone) {
  std::string path;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!is_drawn(points[i])) continue;
    const bool starts = i == 0 || !is_drawn(points[i - 1]);
    const bool ends = i + 1 == points.size() || !is_drawn(points[i + 1]);
    if (starts && ends) {
      alone.push_back(points[i]);
      continue;
    }
    path +=
        (starts ? "M" : "L") + svg_px(x.at(points[i].step)) + " " + svg_px(y.at(points[i].value));
  }
  return path;
}

void write_curve(HtmlWriter& svg, const CurveLine& line, const LinearAxis& x, const LinearAxis& y) {
  constexpr std::size_t kFew = 30;
  std::vector<CurvePoint> dots;
  const std::string path = path_of(line.points, x, y, dots);
  if (!path.empty()) {
    svg.open("path", {{"class", class_of(line.kind)}, {"d", path}});
    svg.element("title", line.name).close();
  }
  if (line.points.size() <= kFew) dots = line.points;
  for (const CurvePoint& point : dots) {
    if (!is_drawn(point)) continue;
    svg.open("circle", {{"class", line.kind == LineKind::kSecond ? "dot second" : "dot first"},
                        {"cx", svg_px(x.at(point.step))},
                        {"cy", svg_px(y.at(point.value))},
                        {"r", "2.2"}});
    svg.element("title", line.name + ", step " + fixed_number(point.step, 0) + ": " +
                             short_number(point.value))
        .close();
  }
}

/// "Loss of finetune; synthetic from 0.92 to 0.31".
std::string described(const CurveChart& chart) {
  std::string text = chart.title;
  for (const CurveLine& line : chart.lines) {
    const auto first = std::find_if(line.points.begin(), line.points.end(),
                                    [](const CurvePoint& point) { return is_drawn(point); });
    if (first == line.points.end()) continue;
    const auto last = std::find_if(line.points.rbegin(), line.points.rend(),
                                   [](const CurvePoint& point) { return is_drawn(point); });
    text += "; " + line.name + " from " + short_number(first->value, 3) + " to " +
            short_number(last->value, 3);
  }
  return text;
}

/// The steps of all points, from 0 unless they begin late.
AxisRange steps_of(const std::vector<CurveLine>& lines) {
  Extent steps;
  for (const CurveLine& line : lines) {
    for (const CurvePoint& point : line.points) {
      if (is_drawn(point)) steps.add(point.step);
    }
  }
  if (steps.low > 0 && steps.low < 0.2 * steps.high) steps.low = 0;
  return widened_range(steps.low, steps.high);
}

/// At most `columns` columns of text, with an ellipsis where something is cut off.
std::string shortened(std::string_view text, std::size_t columns) {
  std::size_t width = 0, fits = 0;  // bytes that leave room for the ellipsis
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = std::max<std::size_t>(utf8_length(text.substr(at)), 1);
    width += columns_of(bytes);
    if (width > columns) return std::string(text.substr(0, fits)) + "\xE2\x80\xA6";
    at += bytes;
    if (width < columns) fits = at;
  }
  return std::string(text);
}

void write_pair(HtmlWriter& svg, const PairedRow& row, const LinearAxis& axis, double y) {
  const bool before = can_be_drawn(row.before), after = can_be_drawn(row.after);
  if (before && after) {
    write_line(svg, row.after < row.before ? "change fall" : "change rise", axis.at(row.before), y,
               axis.at(row.after), y);
  }
  if (before) {
    svg.empty("circle", {{"class", "before"},
                         {"cx", svg_px(axis.at(row.before))},
                         {"cy", svg_px(y)},
                         {"r", "4.5"}});
  }
  if (after) {
    svg.empty(
        "circle",
        {{"class", "after"}, {"cx", svg_px(axis.at(row.after))}, {"cy", svg_px(y)}, {"r", "4.5"}});
  }
  if (!before && !after) write_text(svg, "n/a", axis.start_px + 6, y + 4, "start");
}

}  // namespace

std::vector<CurvePoint> thinned(const std::vector<CurvePoint>& points, std::size_t limit) {
  std::vector<CurvePoint> kept;
  std::copy_if(points.begin(), points.end(), std::back_inserter(kept),
               [](const CurvePoint& point) { return can_be_drawn(point.step); });
  std::stable_sort(kept.begin(), kept.end(),
                   [](const CurvePoint& a, const CurvePoint& b) { return a.step < b.step; });
  if (kept.size() <= limit) return kept;
  std::vector<CurvePoint> result;
  for (std::size_t run = 0; run < limit; ++run) {
    result.push_back(mean_of(kept.data() + kept.size() * run / limit,
                             kept.data() + kept.size() * (run + 1) / limit));
  }
  result.front().step = kept.front().step;
  result.back().step = kept.back().step;
  return result;
}

std::optional<AxisRange> range_of(const std::vector<CurveLine>& lines) {
  Extent values;
  for (const CurveLine& line : lines) {
    for (const CurvePoint& point : thinned(line.points)) {
      if (is_drawn(point)) values.add(point.value);
    }
  }
  if (values.low > values.high) return std::nullopt;
  return AxisRange{values.low, values.high};
}

std::string curve_chart_svg(const CurveChart& chart) {
  constexpr double kWidth = 360, kRight = 22, kTop = 8, kHeight = 140, kCharacter = 7;
  CurveChart drawn = chart;
  for (CurveLine& line : drawn.lines) line.points = thinned(line.points);
  const auto own = range_of(drawn.lines);
  Extent values;
  for (const auto& range : {own, chart.range}) {
    if (range && can_be_drawn(range->low) && can_be_drawn(range->high)) {
      values.add(range->low);
      values.add(range->high);
    }
  }
  const bool has_start = own && can_be_drawn(chart.start);
  if (has_start) values.add(chart.start);
  const AxisRange range = widened_range(values.low, values.high);
  const double margin = 0.04 * (range.high - range.low);
  const LinearAxis y{range.low - margin, range.high + margin, kTop + kHeight, -kHeight};
  const double y_step = nice_step(y.high - y.low, 5);
  std::vector<std::string> labels;
  for (const double tick : ticks_of(y, y_step)) labels.push_back(tick_text(tick, y_step));
  const double left = std::min(12 + kCharacter * static_cast<double>(longest(labels)), kWidth / 2);
  const AxisRange steps = steps_of(drawn.lines);
  const LinearAxis x{steps.low, steps.high, left, kWidth - kRight - left};
  HtmlWriter svg;
  svg.open("svg", {{"class", "curve"},
                   {"viewBox", "0 0 " + svg_px(kWidth) + " " + svg_px(kTop + kHeight + 36)},
                   {"role", "img"},
                   {"aria-label", described(drawn)}});
  if (!own) {
    write_text(svg, "no values to show", kWidth / 2, kTop + kHeight / 2, "middle");
    svg.close();
    return std::move(svg).finish();
  }
  std::size_t label = 0;
  for (const double tick : ticks_of(y, y_step)) {
    write_line(svg, "grid", left, y.at(tick), kWidth - kRight, y.at(tick));
    write_text(svg, labels[label++], left - 6, y.at(tick) + 4, "end");
  }
  const double x_step = std::max(nice_step(x.high - x.low, 4), 1.);  // there is no half step
  for (const double tick : ticks_of(x, x_step)) {
    write_line(svg, "grid", x.at(tick), kTop + kHeight, x.at(tick), kTop + kHeight + 4);
    write_text(svg, tick_text(tick, x_step), x.at(tick), kTop + kHeight + 16, "middle");
  }
  write_line(svg, "axis", left, kTop + kHeight, kWidth - kRight, kTop + kHeight);
  if (has_start)
    write_line(svg, class_of(LineKind::kStart), left, y.at(chart.start), kWidth - kRight,
               y.at(chart.start));
  for (const CurveLine& line : drawn.lines) write_curve(svg, line, x, y);
  write_text(svg, "Step", left + (kWidth - kRight - left) / 2, kTop + kHeight + 32, "middle");
  svg.close();
  return std::move(svg).finish();
}

std::string line_key_svg(LineKind kind) {
  HtmlWriter svg;
  svg.open("svg", {{"class", "curve key"}, {"viewBox", "0 0 26 10"}, {"aria-hidden", "true"}});
  write_line(svg, class_of(kind), 1, 5, 25, 5);
  svg.close();
  return std::move(svg).finish();
}

std::string paired_chart_svg(const std::vector<PairedRow>& rows, const std::string& axis_title,
                             const std::string& title) {
  constexpr double kWidth = 700, kRight = 30, kRow = 19, kTop = 8, kCharacter = 7;
  constexpr std::size_t kColumns = 34;
  Extent values;
  std::vector<std::string> names;
  for (const PairedRow& row : rows) {
    names.push_back(shortened(row.name, kColumns));
    for (const double value : {row.before, row.after}) {
      if (can_be_drawn(value)) values.add(value);
    }
  }
  const double left = 24 + kCharacter * static_cast<double>(longest(names));
  const double plot = kWidth - kRight - left;
  const AxisRange range = widened_range(values.low, values.high);
  const double margin = 0.03 * (range.high - range.low);
  const LinearAxis axis{range.low - margin, range.high + margin, left, plot};
  const double bottom = kTop + kRow * static_cast<double>(rows.size());
  HtmlWriter svg;
  svg.open("svg", {{"class", "dots paired"},
                   {"viewBox", "0 0 " + svg_px(kWidth) + " " + svg_px(bottom + 36)},
                   {"role", "img"},
                   {"aria-label", title}});
  const double step = nice_step(axis.high - axis.low, 6);
  for (const double tick : ticks_of(axis, step)) {
    write_line(svg, "grid", axis.at(tick), kTop, axis.at(tick), bottom);
    write_text(svg, tick_text(tick, step), axis.at(tick), bottom + 14, "middle");
  }
  double y = kTop + kRow / 2;
  auto name = names.begin();
  for (const PairedRow& row : rows) {
    svg.open("g").element("title", row.name + ": " + short_number(row.before, 3) + " before, " +
                                       short_number(row.after, 3) + " after");
    write_text(svg, *name++, left - 12, y + 4, "end");
    write_line(svg, "row", left, y, left + plot, y);
    write_pair(svg, row, axis, y);
    svg.close();
    y += kRow;
  }
  write_text(svg, axis_title, left + plot / 2, bottom + 30, "middle");
  svg.close();
  return std::move(svg).finish();
}

}  // namespace hypersynth
