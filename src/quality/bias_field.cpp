#include "quality/bias_field.h"

#include <cstddef>
#include <vector>

#include "image/bias_field_itk.h"
#include "quality/ranked_values.h"

namespace hypersynth {
namespace {

constexpr std::size_t kFewestVoxels = 1000;
constexpr std::size_t kSummaryVoxels = 100000;

}  // namespace

std::optional<Image> find_bias_field(const Image& image, const TissueMap& map) {
  Mask white(image.grid);
  Mask tissue(image.grid);
  std::size_t usable = 0;
  for (std::size_t v = 0; v < map.tissue.size(); ++v) {
    tissue.voxels[v] = tissue_of(map.tissue[v]) != Tissue::kNone;
    white.voxels[v] = map.tissue[v] == pure(Tissue::kWhiteMatter) && image.voxels[v] > 0;
    usable += white.voxels[v];
  }
  if (usable < kFewestVoxels) return std::nullopt;
  return estimate_bias_field(image, white, tissue);
}

BiasSummary summarise_bias(const Image& field, const TissueMap& map) {
  std::int64_t voxels = 0;
  for (const Tissue which : {Tissue::kCsf, Tissue::kGreyMatter, Tissue::kWhiteMatter})
    voxels += map.voxels_of(which);
  const std::size_t step = static_cast<std::size_t>(voxels) / kSummaryVoxels + 1;
  std::vector<float> values;
  std::size_t seen = 0;
  for (std::size_t v = 0; v < map.tissue.size(); ++v) {
    if (tissue_of(map.tissue[v]) == Tissue::kNone) continue;
    if (seen++ % step == 0) values.push_back(field.voxels[v]);
  }
  return {quantile(values, 0.5), quantile(values, 0.05), quantile(values, 0.95)};
}

}  // namespace hypersynth
