#pragma once

#include <vector>

#include "quality/difference_statistics.h"
#include "quality/mask_morphology.h"
#include "quality/quality.h"
#include "quality/tissue_map.h"

namespace hypersynth {

/// Appends the measures of the segmentation ("qc_..."). `zero_filled` is that of
/// find_zero_filled().
void add_segmentation_measures(const QualityInput& input, const TissueMap& map,
                               const MaskVoxels& zero_filled,
                               const DifferenceStatistics& differences,
                               const QualityOptions& options, std::vector<MeasureValue>& measures);

}  // namespace hypersynth
