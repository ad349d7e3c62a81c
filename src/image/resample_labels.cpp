#include "image/resample_labels.h"

#include <cmath>

namespace hypersynth {

LabelMap resample_labels(const LabelMap& labels, const Grid& target) {
  const auto source_from_target =
      multiply(inverse(labels.grid.world_from_voxel), target.world_from_voxel);
  LabelMap result(target, 0);
  const auto& shape = labels.grid.shape;
  std::size_t offset = 0;
  for (std::int64_t k = 0; k < target.shape[2]; ++k) {
    for (std::int64_t j = 0; j < target.shape[1]; ++j) {
      for (std::int64_t i = 0; i < target.shape[0]; ++i, ++offset) {
        const auto at =
            transform(source_from_target,
                      {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
        const auto x = std::llround(at[0]), y = std::llround(at[1]), z = std::llround(at[2]);
        if (x < 0 || y < 0 || z < 0 || x >= shape[0] || y >= shape[1] || z >= shape[2]) continue;
        result.voxels[offset] = labels.at(x, y, z);
      }
    }
  }
  return result;
}

}  // namespace hypersynth
