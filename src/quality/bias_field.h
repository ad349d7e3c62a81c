#pragma once

#include <optional>

#include "image/volume.h"
#include "quality/tissue_map.h"

namespace hypersynth {

/// The multiplicative bias field of an image, on its grid, with geometric mean 1 over white matter:
/// N4 (Tustison et al. 2010, doi:10.1109/TMI.2010.2046908) fitted to pure white matter and extended
/// to the box around all tissues. Nothing where there are fewer than 1000 voxels of pure white
/// matter with an intensity above 0. Throws Error kInternal where ITK fails.
///
/// MRIQC fits N4 to the whole brain. White matter alone has one intensity, so that a fraction of
/// the voxels and iterations finds the field: on three 1 mm heads that were multiplied by a known
/// field (docs/quality-measures.md), the whole brain takes 15 s with MRIQC's settings, two times as
/// long as all else that is done with an image, and with settings that take 0.9 s its error is
/// three times as large as that of white matter in 0.5 s.
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
