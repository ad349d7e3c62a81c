#pragma once

#include <array>
#include <cstdint>

#include "image/volume.h"

namespace hypersynth {

/// A drawn head that the default model segments: ellipsoids for scalp, skull, folded cortex, white
/// matter, ventricles, deep nuclei, cerebellum and brain stem, with T1-like intensities.
struct PhantomHead {
  std::array<std::int64_t, 3> shape{32, 36, 32};
  double spacing_mm = 3;
  double scale = 0.5;  // 1: an adult's head, 160 x 196 x 168 mm
  double noise = 3;    // standard deviation; white matter is 150
  std::uint32_t seed = 1;

  /// Voxel values on a grid whose centre is the world's origin, axes along RAS.
  Image draw() const;
};

}  // namespace hypersynth
