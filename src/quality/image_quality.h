#pragma once

#include <vector>

#include "quality/difference_statistics.h"
#include "quality/mask_morphology.h"
#include "quality/quality.h"
#include "quality/tissue_map.h"

namespace hypersynth {

/// Appends the measures of the image, of intensities that are finite and not negative. `map` has no
/// tissue where voxels are `zero_filled`. `maps`, which may be null, is that of measure_quality().
void add_image_measures(const Image& image, const TissueMap& map, const MaskVoxels& zero_filled,
                        const DifferenceStatistics& differences, const QualityOptions& options,
                        std::vector<MeasureValue>& measures, QualityMaps* maps);

}  // namespace hypersynth
