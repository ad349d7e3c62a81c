#include "quality/bias_field.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "image/bias_field_itk.h"
#include "quality/ranked_values.h"

namespace hypersynth {
namespace {

constexpr std::size_t kFewestVoxels = 1000;
constexpr std::size_t kSummaryVoxels = 100000;

/// First and last index of the tissues along each axis.
struct Box {
  std::array<std::int64_t, 3> first{};
  std::array<std::int64_t, 3> last{};
};

Box box_of_tissues(const Mask& tissue) {
  const auto& shape = tissue.grid.shape;
  Box box{shape, {-1, -1, -1}};
  std::size_t v = 0;
  for (std::int64_t k = 0; k < shape[2]; ++k) {
    for (std::int64_t j = 0; j < shape[1]; ++j) {
      for (std::int64_t i = 0; i < shape[0]; ++i, ++v) {
        if (tissue.voxels[v] == 0) continue;
        const std::array<std::int64_t, 3> at{i, j, k};
        for (std::size_t axis = 0; axis < 3; ++axis) {
          box.first[axis] = std::min(box.first[axis], at[axis]);
          box.last[axis] = std::max(box.last[axis], at[axis]);
        }
      }
    }
  }
  return box;
}

/// Beyond the white matter that it is fitted to, a spline may run anywhere: outside of the tissues
/// the field stays in the range that it has in them.
void continue_outside(Image& field, const Mask& tissue) {
  const Box box = box_of_tissues(tissue);
  float least = std::numeric_limits<float>::max();
  float most = 0;
  for (std::size_t v = 0; v < field.voxels.size(); ++v) {
    if (tissue.voxels[v] == 0) continue;
    least = std::min(least, field.voxels[v]);
    most = std::max(most, field.voxels[v]);
  }
  const auto& shape = field.grid.shape;
  const auto inside = [&](std::size_t axis, std::int64_t index) {
    return std::clamp(index, box.first[axis], box.last[axis]);
  };
  std::size_t v = 0;
  for (std::int64_t k = 0; k < shape[2]; ++k) {
    for (std::int64_t j = 0; j < shape[1]; ++j) {
      // What is read lies in the box, and clamping twice changes nothing: one volume is enough.
      const std::size_t row = field.offset(0, inside(1, j), inside(2, k));
      for (std::int64_t i = 0; i < shape[0]; ++i, ++v) {
        const float value = field.voxels[row + static_cast<std::size_t>(inside(0, i))];
        field.voxels[v] = tissue.voxels[v] != 0 ? value : std::clamp(value, least, most);
      }
    }
  }
}

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
  Image field = estimate_bias_field(image, white, tissue);
  continue_outside(field, tissue);
  return field;
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
