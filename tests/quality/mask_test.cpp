// Morphology and connected components against what their definitions say.

#include <algorithm>
#include <array>
#include <cstdint>
#include <rapidcheck.h>
#include <vector>

#include <gtest/gtest.h>

// Needs rapidcheck.h first.
#include <rapidcheck/gtest.h>

#include "quality/label_components.h"
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

/// Component of every voxel by flood fill; 0 for background.
std::vector<int> flood_fill(const std::vector<std::uint16_t>& values, const Shape& shape) {
  std::vector<int> component(values.size(), 0);
  int count = 0;
  for (std::size_t seed = 0; seed < values.size(); ++seed) {
    if (values[seed] == 0 || component[seed] != 0) continue;
    std::vector<std::size_t> todo{seed};
    component[seed] = ++count;
    while (!todo.empty()) {
      const std::size_t offset = todo.back();
      todo.pop_back();
      for_box(shape, index_of(offset, shape), {1, 1, 1}, [&](std::size_t near) {
        if (values[near] != values[offset] || component[near] != 0) return;
        component[near] = component[offset];
        todo.push_back(near);
      });
    }
  }
  return component;
}

RC_GTEST_PROP(LabelComponentsTest, ComponentsAreThoseOfAFloodFill, ()) {
  const Shape shape = some_shape();
  const auto values = some_voxels<std::uint16_t>(shape, *rc::gen::inRange(2, 5));
  const auto expected = flood_fill(values, shape);
  const Components components = find_components(values, shape);
  std::vector<std::int64_t> partner(components.sizes.size(), 0);
  std::size_t covered = 0;
  for (const auto& run : components.runs) {
    covered += run.length;
    for (std::size_t i = run.begin; i < run.begin + run.length; ++i) {
      RC_ASSERT(values[i] == run.value);
      if (partner[run.component] == 0) partner[run.component] = expected[i];
      RC_ASSERT(partner[run.component] == expected[i]);
    }
  }
  RC_ASSERT(covered + static_cast<std::size_t>(std::count(values.begin(), values.end(), 0)) ==
            values.size());
  std::sort(partner.begin(), partner.end());
  RC_ASSERT(std::adjacent_find(partner.begin(), partner.end()) == partner.end());
  for (std::size_t i = 0; i < components.sizes.size(); ++i) RC_ASSERT(components.sizes[i] > 0);
}

TEST(LabelComponentsTest, TheLargestPieceOfEachValueIsFound) {
  const Components components =
      find_components(std::vector<std::uint16_t>{1, 0, 1, 1, 2, 0, 0, 0}, {8, 1, 1});
  const auto largest = components.largest(3);
  ASSERT_EQ(largest.size(), 4u);
  EXPECT_EQ(components.sizes[static_cast<std::size_t>(largest[1])], 2);
  EXPECT_EQ(components.sizes[static_cast<std::size_t>(largest[2])], 1);
  EXPECT_EQ(largest[3], -1);
}

}  // namespace
}  // namespace hypersynth
