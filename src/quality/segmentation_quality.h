#pragma once

#include <vector>

#include "quality/difference_statistics.h"
#include "quality/quality.h"
#include "quality/tissue_map.h"

namespace hypersynth {

/// Appends the measures of the segmentation ("qc_...").
void add_segmentation_measures(const QualityInput& input, const TissueMap& map,
                               const DifferenceStatistics& differences,
                               const QualityOptions& options, std::vector<MeasureValue>& measures);

}  // namespace hypersynth
