#pragma once

#include <vector>

#include "quality/difference_statistics.h"
#include "quality/quality.h"
#include "quality/tissue_map.h"

namespace hypersynth {

/// Appends the measures of the image, of intensities that are finite and not negative. `air` and
/// `bias`, which may be null, are those of measure_quality().
void add_image_measures(const Image& image, const TissueMap& map,
                        const DifferenceStatistics& differences, const QualityOptions& options,
                        std::vector<MeasureValue>& measures, std::vector<std::uint8_t>* air,
                        std::vector<float>* bias = nullptr);

}  // namespace hypersynth
