#pragma once

#include <string>
#include <vector>

namespace hypersynth {

/// A point of a chart with the text that shows when the mouse rests on it.
struct ChartPoint {
  double x = 0;
  double y = 0;
  std::string text;
};

/// The values of one structure, one for each image.
struct StripRow {
  std::string name;
  std::vector<ChartPoint> points;  ///< `x` is the value; `y` is not used
};

/// A row for each structure with a dot for each image and a bar at the median, on a common axis
/// from 0 to 1. `title` describes the chart to screen readers. Values outside the axis are drawn at
/// its ends; those that are NaN are left out.
std::string strip_chart_svg(const std::vector<StripRow>& rows, const std::string& axis_title,
                            const std::string& title);

/// What a Bland-Altman plot shows besides its points.
struct AgreementLimits {
  double mean = 0;  ///< of the differences
  double low = 0;   ///< mean - 1.96 standard deviations
  double high = 0;  ///< mean + 1.96 standard deviations
};

/// Mean and limits of agreement of the finite `y` of the points (Bland and Altman 1986,
/// doi:10.1016/S0140-6736(86)90837-8); all 0 if there are none.
AgreementLimits agreement_limits(const std::vector<ChartPoint>& points);

/// A Bland-Altman plot: the mean of two volumes (`x`, mm3, logarithmic axis) against their
/// difference (`y`, percent), with lines at the mean difference and the limits of agreement. Points
/// whose `x` is not positive or whose `y` is NaN are left out. The vertical axis ends at the 1st
/// and the 99th percentile of the differences, or further out where the limits are; points beyond
/// it are drawn at its ends.
std::string bland_altman_svg(const std::vector<ChartPoint>& points, const std::string& x_title,
                             const std::string& y_title, const std::string& title);

}  // namespace hypersynth
