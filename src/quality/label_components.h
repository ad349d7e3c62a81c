#pragma once

#include <cstdint>
#include <vector>

#include "quality/mask_morphology.h"

namespace hypersynth {

/// Neighbouring voxels of one value along i.
struct ComponentRun {
  std::size_t begin = 0;        ///< offset of the first voxel
  std::size_t length = 0;       ///< voxels
  std::uint16_t value = 0;      ///< never 0
  std::uint32_t component = 0;  ///< position in Components::sizes
};

/// The connected components (26 neighbours) of equal, non-zero values.
struct Components {
  std::vector<ComponentRun> runs;   ///< by offset
  std::vector<std::int64_t> sizes;  ///< voxels of each component

  /// For each value from 0 to `max_value` its component of most voxels; -1 where it has none.
  std::vector<std::int64_t> largest(std::uint16_t max_value) const;
};

/// Union-find over runs (He, Chao and Suzuki 2008), all values at once, so that time grows with
/// borders, not with voxels or structures.
Components find_components(const std::vector<std::uint16_t>& values, const Shape& shape);

}  // namespace hypersynth
