#pragma once

#include <string>
#include <string_view>

#include "report/html.h"

namespace hypersynth {

/// Maps values to positions along one direction of a chart. Values outside the axis are put at its
/// ends.
struct LinearAxis {
  double low = 0;
  double high = 1;
  double start_px = 0;   ///< position of `low`
  double length_px = 1;  ///< from `low` to `high`; negative where the axis points up

  double at(double value) const;
};

/// Whether a chart can show this value: a finite one of at most 1e30. A loss that has run away to
/// more than that is as good as infinite.
bool can_be_drawn(double value);

/// The ends of an axis.
struct AxisRange {
  double low = 0;
  double high = 1;
};

/// The smallest range of values that is worth an axis: `low` to `high`, widened where they are
/// (nearly) the same, and 0 to 1 where `low` is not at most `high`.
AxisRange widened_range(double low, double high);

/// A step of 1, 2 or 5 times a power of ten that divides `span` into at most `parts`.
double nice_step(double span, int parts);

/// The value of a tick, with as many decimals as ticks `step` apart need.
std::string tick_text(double value, double step);

/// Writes a line of the class `kind`.
void write_line(HtmlWriter& svg, std::string_view kind, double x1, double y1, double x2, double y2);

/// Writes text whose start, middle or end, as `anchor` says, is at this position.
void write_text(HtmlWriter& svg, const std::string& text, double x, double y,
                std::string_view anchor);

}  // namespace hypersynth
