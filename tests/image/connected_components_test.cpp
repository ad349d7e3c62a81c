#include "image/connected_components.h"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

bool touch(const std::array<std::int64_t, 3>& step, Connectivity connectivity) {
  const auto faces = std::abs(step[0]) + std::abs(step[1]) + std::abs(step[2]);
  return connectivity == Connectivity::kFaces6 ? faces == 1 : faces > 0;
}

/// Adds the part around a seed to `part`, voxel by voxel; returns its size.
std::int64_t flood(const Mask& mask, std::array<std::int64_t, 3> seed, Connectivity connectivity,
                   Mask& part) {
  std::vector<std::array<std::int64_t, 3>> open{seed};
  part.at(seed[0], seed[1], seed[2]) = 1;
  std::int64_t size = 0;
  while (!open.empty()) {
    const auto at = open.back();
    open.pop_back();
    ++size;
    for (int code = 0; code < 27; ++code) {
      const std::array<std::int64_t, 3> step = {code % 3 - 1, code / 3 % 3 - 1, code / 9 - 1};
      if (!touch(step, connectivity)) continue;
      std::array<std::int64_t, 3> next{};
      bool inside = true;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        next[axis] = at[axis] + step[axis];
        inside = inside && next[axis] >= 0 && next[axis] < mask.grid.shape[axis];
      }
      if (!inside || mask.at(next[0], next[1], next[2]) == 0) continue;
      if (part.at(next[0], next[1], next[2]) != 0) continue;
      part.at(next[0], next[1], next[2]) = 1;
      open.push_back(next);
    }
  }
  return size;
}

Mask largest_by_flooding(const Mask& mask, Connectivity connectivity) {
  Mask result(mask.grid);
  Mask seen(mask.grid);
  std::int64_t largest = 0;
  for (std::int64_t k = 0; k < mask.grid.shape[2]; ++k) {
    for (std::int64_t j = 0; j < mask.grid.shape[1]; ++j) {
      for (std::int64_t i = 0; i < mask.grid.shape[0]; ++i) {
        if (mask.at(i, j, k) == 0 || seen.at(i, j, k) != 0) continue;
        flood(mask, {i, j, k}, connectivity, seen);
        Mask part(mask.grid);
        const std::int64_t size = flood(mask, {i, j, k}, connectivity, part);
        if (size > largest) {
          largest = size;
          for (std::size_t v = 0; v < part.voxels.size(); ++v) {
            result.voxels[v] = part.voxels[v] != 0 ? mask.voxels[v] : 0;
          }
        }
      }
    }
  }
  return result;
}

Mask largest_component(Mask mask, Connectivity connectivity) {
  keep_largest_component(mask, connectivity);
  return mask;
}

Mask random_mask(std::mt19937& generator) {
  const auto below = [&generator](std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(generator);
  };
  Grid grid;
  // Rows longer than eight reach the part that skips eight voxels at a time.
  grid.shape = {below(1, 24), below(1, 7), below(1, 7)};
  Mask mask(grid);
  const std::int64_t percent = below(0, 100);
  for (auto& voxel : mask.voxels) voxel = below(0, 99) < percent ? 200 : 0;
  return mask;
}

class LargestComponentTest : public testing::TestWithParam<Connectivity> {};

TEST_P(LargestComponentTest, IsThatOfAFloodFillForRandomMasks) {
  std::mt19937 generator(4);
  for (int trial = 0; trial < 2000; ++trial) {
    const Mask mask = random_mask(generator);
    ASSERT_EQ(largest_component(mask, GetParam()).voxels,
              largest_by_flooding(mask, GetParam()).voxels)
        << "trial " << trial;
  }
}

INSTANTIATE_TEST_SUITE_P(Both, LargestComponentTest,
                         testing::Values(Connectivity::kFaces6, Connectivity::kCorners26));

/// The voxels with the value of `voxel` that hang together with it.
Mask part_of(const std::vector<std::uint16_t>& values, const Grid& grid, std::size_t voxel,
             Connectivity connectivity) {
  Mask same(grid);
  for (std::size_t v = 0; v < values.size(); ++v) same.voxels[v] = values[v] == values[voxel];
  Mask part(grid);
  const auto at = static_cast<std::int64_t>(voxel);
  const auto& shape = grid.shape;
  flood(same, {at % shape[0], at / shape[0] % shape[1], at / shape[0] / shape[1]}, connectivity,
        part);
  return part;
}

TEST_P(LargestComponentTest, ComponentsOfSeveralValuesAreThoseOfAFloodFill) {
  std::mt19937 generator(5);
  for (int trial = 0; trial < 500; ++trial) {
    const Grid grid = random_mask(generator).grid;
    const int values_count = 2 + trial % 3;
    std::vector<std::uint16_t> values(static_cast<std::size_t>(grid.voxel_count()));
    for (auto& value : values) value = static_cast<std::uint16_t>(generator() % values_count);
    const Components components = find_components(values, grid.shape, GetParam());
    std::vector<std::int64_t> component(values.size(), -1);
    for (const auto& run : components.runs) {
      for (std::size_t v = run.begin; v < run.begin + run.length; ++v) {
        ASSERT_EQ(values[v], run.value);
        component[v] = run.component;
      }
    }
    for (std::size_t v = 0; v < values.size(); v += 1 + generator() % 7) {
      ASSERT_EQ(component[v] < 0, values[v] == 0) << "trial " << trial;
      if (values[v] == 0) continue;
      const Mask part = part_of(values, grid, v, GetParam());
      for (std::size_t w = 0; w < values.size(); ++w)
        ASSERT_EQ(component[w] == component[v], part.voxels[w] != 0) << "trial " << trial;
      ASSERT_EQ(components.sizes[static_cast<std::size_t>(component[v])],
                std::count(component.begin(), component.end(), component[v]));
    }
  }
}

TEST(ConnectedComponentsTest, TheLargestPieceOfEachValueIsFound) {
  const Components components =
      find_components(std::vector<std::uint16_t>{1, 0, 1, 1, 2, 0, 0, 0}, {8, 1, 1});
  const auto largest = components.largest(3);
  ASSERT_EQ(largest.size(), 4u);
  EXPECT_EQ(components.sizes[static_cast<std::size_t>(largest[1])], 2);
  EXPECT_EQ(components.sizes[static_cast<std::size_t>(largest[2])], 1);
  EXPECT_EQ(largest[3], -1);
}

TEST(ConnectedComponentsTest, SpiralIsOnePart) {
  // A worm that visits every other row and turns at alternating ends.
  Mask mask(Grid{{15, 15, 1}, {}});
  for (std::int64_t j = 0; j < 15; ++j) {
    for (std::int64_t i = 0; i < 15; ++i) {
      const bool turn = i == (j / 2 % 2 == 0 ? 14 : 0);
      mask.at(i, j, 0) = j % 2 == 0 || turn ? 1 : 0;
    }
  }
  EXPECT_EQ(largest_component(mask, Connectivity::kFaces6).voxels, mask.voxels);
}

TEST(ConnectedComponentsTest, EmptyMaskStaysEmpty) {
  const Mask mask(Grid{{5, 5, 5}, {}});
  EXPECT_EQ(largest_component(mask, Connectivity::kFaces6).voxels, mask.voxels);
}

}  // namespace
}  // namespace hypersynth
