// ITK's largest component against the hand-written one of the segmentation.

#include "image/largest_component_itk.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "image/connected_components.h"

namespace hypersynth {
namespace {

Mask random_mask(const Grid& grid, double density, unsigned seed) {
  std::mt19937 generator(seed);
  std::bernoulli_distribution set(density);
  Mask mask(grid);
  for (auto& voxel : mask.voxels) voxel = set(generator);
  return mask;
}

TEST(LargestComponentTest, IsThatOfTheSegmentationWithCornersAsNeighbours) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const Mask mask = random_mask(Grid{.shape = {17, 23, 11}}, 0.02 + 0.004 * seed, seed);
    Mask expected = mask;
    keep_largest_component(expected, Connectivity::kCorners26);
    Mask kept = mask;
    keep_largest_piece(kept);
    const auto size = std::count(expected.voxels.begin(), expected.voxels.end(), 1);
    EXPECT_EQ(std::count(kept.voxels.begin(), kept.voxels.end(), 1), size);
    // Of equally large pieces it may be another one, but it is one piece of the mask.
    Mask again = kept;
    keep_largest_component(again, Connectivity::kCorners26);
    EXPECT_EQ(again.voxels, kept.voxels);
    for (std::size_t v = 0; v < mask.voxels.size(); ++v) EXPECT_LE(kept.voxels[v], mask.voxels[v]);
  }
}

TEST(LargestComponentTest, ACornerJoinsTwoVoxels) {
  Mask mask(Grid{.shape = {5, 5, 5}});
  mask.at(0, 0, 0) = mask.at(1, 1, 1) = mask.at(4, 4, 4) = 1;
  keep_largest_piece(mask);
  EXPECT_EQ(mask.at(0, 0, 0), 1);
  EXPECT_EQ(mask.at(1, 1, 1), 1);
  EXPECT_EQ(mask.at(4, 4, 4), 0);
}

TEST(LargestComponentTest, NothingStaysNothing) {
  Mask mask(Grid{.shape = {4, 3, 2}});
  keep_largest_piece(mask);
  EXPECT_EQ(std::count(mask.voxels.begin(), mask.voxels.end(), 0), 24);
}

}  // namespace
}  // namespace hypersynth
