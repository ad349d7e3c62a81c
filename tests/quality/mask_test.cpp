// Morphology against what its definition says.

#include <algorithm>
#include <array>
#include <cstdint>
#include <rapidcheck.h>
#include <vector>

#include <gtest/gtest.h>

// Needs rapidcheck.h first.
#include <rapidcheck/gtest.h>

#include "quality/mask_morphology.h"

namespace hypersynth {
namespace {

Shape some_shape() {
  return {*rc::gen::inRange(1, 9), *rc::gen::inRange(1, 9), *rc::gen::inRange(1, 9)};
}

template <typename T>
std::vector<T> some_voxels(const Shape& shape, int values) {
  const auto size = static_cast<std::size_t>(shape[0] * shape[1] * shape[2]);
  const auto voxels = *rc::gen::container<std::vector<int>>(size, rc::gen::inRange(0, values));
  return {voxels.begin(), voxels.end()};
}

/// Calls visit(offset) for the voxels of the box around voxel (i, j, k) that lie in the image.
template <typename Visit>
void for_box(const Shape& shape, const Shape& at, const std::array<int, 3>& radius, Visit visit) {
  const auto first = [&](std::size_t axis) {
    return std::max<std::int64_t>(0, at[axis] - radius[axis]);
  };
  const auto last = [&](std::size_t axis) {
    return std::min(shape[axis] - 1, at[axis] + radius[axis]);
  };
  for (auto k = first(2); k <= last(2); ++k) {
    for (auto j = first(1); j <= last(1); ++j) {
      for (auto i = first(0); i <= last(0); ++i)
        visit(static_cast<std::size_t>(i + shape[0] * (j + shape[1] * k)));
    }
  }
}

Shape index_of(std::size_t offset, const Shape& shape) {
  const auto at = static_cast<std::int64_t>(offset);
  return {at % shape[0], at / shape[0] % shape[1], at / shape[0] / shape[1]};
}

RC_GTEST_PROP(MaskMorphologyTest, DilationSetsTheBoxesAroundTheMask, ()) {
  const Shape shape = some_shape();
  const auto mask = some_voxels<std::uint8_t>(shape, 2);
  const std::array<int, 3> radius{*rc::gen::inRange(0, 6), *rc::gen::inRange(0, 6),
                                  *rc::gen::inRange(0, 6)};
  MaskVoxels expected(mask.size(), 0);
  for (std::size_t offset = 0; offset < mask.size(); ++offset) {
    if (mask[offset] == 0) continue;
    for_box(shape, index_of(offset, shape), radius, [&](std::size_t near) { expected[near] = 1; });
  }
  MaskVoxels dilated = mask;
  dilate_box(dilated, shape, radius);
  RC_ASSERT(dilated == expected);
}

RC_GTEST_PROP(MaskMorphologyTest, ErosionKeepsVoxelsWhoseBoxIsSet, ()) {
  const Shape shape = some_shape();
  auto mask = some_voxels<std::uint8_t>(shape, 6);
  for (auto& voxel : mask) voxel = voxel != 0;
  const std::array<int, 3> radius{*rc::gen::inRange(0, 3), *rc::gen::inRange(0, 3),
                                  *rc::gen::inRange(0, 3)};
  MaskVoxels expected(mask.size(), 1);
  for (std::size_t offset = 0; offset < mask.size(); ++offset) {
    for_box(shape, index_of(offset, shape), radius,
            [&](std::size_t near) { expected[offset] &= mask[near]; });
  }
  MaskVoxels eroded = mask;
  erode_box(eroded, shape, radius);
  RC_ASSERT(eroded == expected);
}

}  // namespace
}  // namespace hypersynth
