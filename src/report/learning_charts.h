#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "report/chart_axis.h"

namespace hypersynth {

/// A value at one step of a training.
struct CurvePoint {
  double step = 0;
  double value = 0;  ///< NaN or infinite: the line has a gap here
};

/// At most `limit` points (at least 2) that stand for `points`, in the order of their steps. Where
/// there are more, each is the mean of a run of neighbours, in which values that can't be drawn do
/// not count; the first and the last keep their steps, so that the line is as long as before.
/// Points without a step are left out.
std::vector<CurvePoint> thinned(const std::vector<CurvePoint>& points, std::size_t limit = 200);

/// How a line is drawn. Each kind differs from the others in its colour and in its dashes.
enum class LineKind {
  kFirst,   ///< solid
  kSecond,  ///< dashed
  kStart,   ///< dotted, across the whole chart
};

/// A line of a chart.
struct CurveLine {
  std::string name;  ///< "synthetic"
  LineKind kind = LineKind::kFirst;
  std::vector<CurvePoint> points;  ///< any number of them: they are thinned before they are drawn
};

/// What curve_chart_svg() draws.
struct CurveChart {
  std::string title;  ///< describes the chart to screen readers; the course of each line is added
  std::vector<CurveLine> lines;
  /// A value that is marked across the whole chart, such as the one at the start; NaN: none.
  double start = std::numeric_limits<double>::quiet_NaN();
  std::optional<AxisRange> range;  ///< of the values, for charts to compare; by default their own
};

/// The range of all values that can be drawn; nothing if there are none.
std::optional<AxisRange> range_of(const std::vector<CurveLine>& lines);

/// A small chart of values over the steps of a training. Lines of few points have a dot at each. If
/// nothing can be drawn, the chart says so.
std::string curve_chart_svg(const CurveChart& chart);

/// A short piece of a line, for the key of a chart.
std::string line_key_svg(LineKind kind);

/// A structure or a scan with a value before and one after.
struct PairedRow {
  std::string name;
  double before = 0;  ///< NaN: not known, no dot
  double after = 0;   ///< NaN: not known, no dot
};

/// A row for each name with two dots joined by a line, on a common axis: a ring before, a filled
/// dot after. The line is solid where the value has risen, and dashed where it has fallen. `title`
/// describes the chart to screen readers. Long names are cut; the whole name shows when the mouse
/// rests on the row.
std::string paired_chart_svg(const std::vector<PairedRow>& rows, const std::string& axis_title,
                             const std::string& title);

}  // namespace hypersynth
