#pragma once

#include <string>
#include <vector>

namespace hypersynth {

/// A bar to the left or right of a middle line for an asymmetry in percent, cut at +-`limit`.
/// Decoration of a table cell that has the number as text.
std::string asymmetry_bar_svg(double percent, double limit);

/// A row of dot_chart_svg; NaN or 0: no dot.
struct DotRow {
  std::string name;
  double left = 0;
  double right = 0;
  double unpaired = 0;  ///< of a structure that has no sides
};

/// Values of left and right structures on a common logarithmic axis: a filled dot for left, a ring
/// for right, a diamond for structures without sides. `title` describes the chart to screen
/// readers.
std::string dot_chart_svg(const std::vector<DotRow>& rows, const std::string& axis_title,
                          const std::string& title);

/// A small coloured square.
std::string swatch_svg(const std::string& colour);

}  // namespace hypersynth
