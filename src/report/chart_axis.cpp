#include "report/chart_axis.h"

#include <algorithm>
#include <cmath>

#include "report/number.h"
#include "report/svg.h"

namespace hypersynth {
namespace {

/// The power of ten that `value` begins with; a value just below 0.01 by rounding counts as 0.01.
int decade_of(double value) { return static_cast<int>(std::floor(std::log10(value) + 1e-9)); }

}  // namespace

double LinearAxis::at(double value) const {
  const double share = (std::clamp(value, low, high) - low) / (high - low);
  return start_px + length_px * share;
}

bool can_be_drawn(double value) { return std::isfinite(value) && std::abs(value) <= 1e30; }

AxisRange widened_range(double low, double high) {
  if (!(low <= high)) return {0, 1};
  const double size = std::max(std::abs(low), std::abs(high));
  if (size < 1e-30) return {-1, 1};
  if (high - low >= 1e-9 * size) return {low, high};
  return {low - 0.05 * size, high + 0.05 * size};
}

double nice_step(double span, int parts) {
  const double rough = span / parts;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) return factor * power;
  }
  return 10 * power;
}

std::string tick_text(double value, double step) {
  const double size = std::abs(value);
  if (size < 1e-9 * step) return "0";
  if (step >= 1e-4 && size < 1e9) return fixed_number(value, std::max(0, -decade_of(step)));
  return short_number(value, std::clamp(decade_of(size) - decade_of(step) + 1, 1, 12));
}

void write_line(HtmlWriter& svg, std::string_view kind, double x1, double y1, double x2,
                double y2) {
  svg.empty("line", {{"class", kind},
                     {"x1", svg_px(x1)},
                     {"y1", svg_px(y1)},
                     {"x2", svg_px(x2)},
                     {"y2", svg_px(y2)}});
}

void write_text(HtmlWriter& svg, const std::string& text, double x, double y,
                std::string_view anchor) {
  svg.element("text", text, {{"x", svg_px(x)}, {"y", svg_px(y)}, {"text-anchor", anchor}});
}

}  // namespace hypersynth
