#pragma once

#include <string>
#include <vector>

#include "report/raster.h"

namespace hypersynth {

/// A coordinate of an SVG: two decimals, the same in every locale.
std::string svg_px(double value);

/// A bar to the left or right of a middle line that shows an asymmetry in percent. It ends at
/// +-`limit`, however large the asymmetry is. It decorates a table cell that has the number as
/// text.
std::string asymmetry_bar_svg(double percent, double limit);

/// A structure in dot_chart_svg(). A value that is NaN or not positive gets no dot.
struct DotRow {
  std::string name;
  double left = 0;
  double right = 0;
  double unpaired = 0;  ///< value of a structure that has no sides
};

/// A chart of the values of structures on a common logarithmic axis: a filled dot for left, a ring
/// for right and a diamond for a structure without sides. `title` describes the chart to screen
/// readers.
std::string dot_chart_svg(const std::vector<DotRow>& rows, const std::string& axis_title,
                          const std::string& title);

/// A colour as CSS writes it.
std::string css_colour(Rgb colour);

/// A small square of this colour.
std::string swatch_svg(const std::string& colour);

}  // namespace hypersynth
