#pragma once

#include <string>
#include <vector>

#include "report/raster.h"

namespace hypersynth {

/// The intensities of a tissue, or of a sample of its voxels.
struct TissueIntensities {
  std::string name;  ///< "white matter"
  std::vector<float> values;
};

/// Width and height of the chart, px.
constexpr int kHistogramWidth = 900, kHistogramHeight = 300;

/// Draws the distributions of the tissues as a stand-alone SVG file: a line each, in its own colour
/// and dash, as high as the others at its most frequent intensity. The axis runs from the lowest
/// 0.5th to the highest 99.5th percentile of a tissue. Tissues without values are left out.
std::string intensity_histogram_svg(const std::vector<TissueIntensities>& tissues);

}  // namespace hypersynth
