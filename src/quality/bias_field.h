#pragma once

#include <optional>

#include "image/volume.h"
#include "quality/tissue_map.h"

namespace hypersynth {

/// The multiplicative bias field of an image, on its grid, with geometric mean 1 over white matter:
/// N4 (Tustison et al. 2010, doi:10.1109/TMI.2010.2046908) fitted to pure white matter, extended to
/// the box around all tissues, and continued outside of it with its value at the nearest face, edge
/// or corner of the box, within the range that it has in the tissues. Nothing where there are fewer
/// than 1000 voxels of pure white matter with an intensity above 0. Throws Error kInternal where
/// ITK fails.
///
/// MRIQC fits N4 to the whole brain. White matter alone has one intensity, so that fewer voxels and
/// iterations find the field: 0.6 s of one core for a 1 mm head, where the whole brain takes 15 s
/// with MRIQC's settings (shrink 4, four levels of 50 iterations), two times as long as all else
/// that is done with an image. At 0.9 s the whole brain recovers a known field three times less
/// well (docs/quality-measures.md).
std::optional<Image> find_bias_field(const Image& image, const TissueMap& map);

/// Median and 5th and 95th percentile of a field over grey matter, white matter and CSF; NaN where
/// there is none.
struct BiasSummary {
  double median = 0;
  double p05 = 0;
  double p95 = 0;
};
BiasSummary summarise_bias(const Image& field, const TissueMap& map);

}  // namespace hypersynth
