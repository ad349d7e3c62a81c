#include "report/intensity_histogram.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "report/chart_axis.h"
#include "report/html.h"
#include "report/number.h"
#include "report/svg.h"

namespace hypersynth {
namespace {

constexpr int kBins = 120;
constexpr double kLeft = 20, kRight = 20, kTop = 44, kBottom = 48;
/// Colours that readers with colour blindness tell apart on black (Okabe and Ito 2008), and dashes.
constexpr std::array<const char*, 4> kColours{"#56b4e9", "#e69f00", "#f0f0f0", "#cc79a7"};
constexpr std::array<const char*, 4> kDashes{"none", "9 3", "3 3", "10 3 3 3"};

/// From the lowest to the highest of the tissues' outer percentiles, so that a small one is shown.
AxisRange range_of(const std::vector<TissueIntensities>& tissues) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const auto& tissue : tissues) {
    std::vector<float> values = tissue.values;
    values.erase(
        std::remove_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); }),
        values.end());
    if (values.empty()) continue;
    const auto at = [&](double share) {
      const auto rank = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
      std::nth_element(values.begin(), values.begin() + rank, values.end());
      return static_cast<double>(values[static_cast<std::size_t>(rank)]);
    };
    low = std::min(low, at(0.005));
    high = std::max(high, at(0.995));
  }
  return widened_range(low, high);
}

/// How many values each bin has, smoothed by its neighbours, the fullest bin as 1.
std::vector<double> shares(const std::vector<float>& values, const AxisRange& range) {
  std::vector<double> counts(kBins, 0);
  for (const float value : values) {
    const double place = (value - range.low) / (range.high - range.low) * kBins;
    if (place >= 0 && place <= kBins)
      ++counts[std::min<std::size_t>(kBins - 1, static_cast<std::size_t>(place))];
  }
  std::vector<double> smooth(kBins);
  for (std::size_t i = 0; i < kBins; ++i)
    smooth[i] = (counts[i == 0 ? 0 : i - 1] + 2 * counts[i] +
                 counts[std::min<std::size_t>(i + 1, kBins - 1)]) /
                4;
  const double most = *std::max_element(smooth.begin(), smooth.end());
  for (double& share : smooth) share = most > 0 ? share / most : 0;
  return smooth;
}

void write_axis(HtmlWriter& svg, const LinearAxis& axis) {
  const double bottom = kHistogramHeight - kBottom;
  svg.empty("line", {{"x1", svg_px(kLeft)},
                     {"x2", svg_px(kHistogramWidth - kRight)},
                     {"y1", svg_px(bottom)},
                     {"y2", svg_px(bottom)},
                     {"stroke", "#999"}});
  const double step = nice_step(axis.high - axis.low, 10);
  for (double tick = std::ceil(axis.low / step) * step; tick <= axis.high; tick += step)
    write_text(svg, tick_text(tick, step), axis.at(tick), bottom + 18, "middle");
  write_text(svg, "intensity, divided by the bias field", kHistogramWidth / 2., bottom + 38,
             "middle");
}

}  // namespace

std::string intensity_histogram_svg(const std::vector<TissueIntensities>& tissues) {
  const AxisRange range = range_of(tissues);
  const LinearAxis axis{range.low, range.high, kLeft, kHistogramWidth - kLeft - kRight};
  HtmlWriter svg;
  const std::string width = std::to_string(kHistogramWidth),
                    height = std::to_string(kHistogramHeight);
  svg.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                   {"viewBox", "0 0 " + width + " " + height},
                   {"width", width},
                   {"height", height},
                   {"font-family", "sans-serif"},
                   {"font-size", "14"},
                   {"fill", "#ccc"}});
  svg.empty("rect", {{"width", width}, {"height", height}, {"fill", "#000"}});
  write_axis(svg, axis);
  const double bottom = kHistogramHeight - kBottom, tall = bottom - kTop;
  double key = kLeft;
  for (std::size_t t = 0; t < tissues.size(); ++t) {
    const auto& [name, values] = tissues[t];
    if (values.empty()) continue;
    const char* const colour = kColours[t % kColours.size()];
    const char* const dash = kDashes[t % kDashes.size()];
    std::string path;
    const std::vector<double> heights = shares(values, range);
    for (std::size_t bin = 0; bin < kBins; ++bin) {
      const double value =
          range.low + (range.high - range.low) * (static_cast<double>(bin) + 0.5) / kBins;
      path += (bin == 0 ? "M" : "L") + svg_px(axis.at(value)) + " " +
              svg_px(bottom - tall * heights[bin]);
    }
    svg.empty("path", {{"d", path},
                       {"fill", "none"},
                       {"stroke", colour},
                       {"stroke-width", "2"},
                       {"stroke-dasharray", dash}});
    svg.empty("path", {{"d", "M" + svg_px(key) + " 20h36"},
                       {"stroke", colour},
                       {"stroke-width", "2"},
                       {"stroke-dasharray", dash}});
    write_text(svg, name, key + 44, 25, "start");
    key += 210;
  }
  svg.close();
  return std::move(svg).finish();
}

}  // namespace hypersynth
