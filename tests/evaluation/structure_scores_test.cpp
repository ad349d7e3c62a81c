#include "evaluation/structure_scores.h"

#include <cmath>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "evaluation/brute_force.h"

namespace hypersynth {
namespace {

Grid grid(std::array<std::int64_t, 3> shape, std::array<double, 3> spacing = {1, 1, 1}) {
  Grid result;
  result.shape = shape;
  for (std::size_t axis = 0; axis < 3; ++axis) result.world_from_voxel[axis][axis] = spacing[axis];
  return result;
}

void fill(LabelMap& map, std::array<std::int64_t, 3> first, std::array<std::int64_t, 3> last,
          std::int32_t label) {
  for (auto k = first[2]; k <= last[2]; ++k) {
    for (auto j = first[1]; j <= last[1]; ++j) {
      for (auto i = first[0]; i <= last[0]; ++i) map.at(i, j, k) = label;
    }
  }
}

/// Two balls that overlap, and a second label that touches the edge of the image.
LabelMap phantom(const Grid& on, double shift_mm) {
  LabelMap map(on, 0);
  const auto spacing = spacing_mm(on);
  for (std::int64_t k = 0; k < on.shape[2]; ++k) {
    for (std::int64_t j = 0; j < on.shape[1]; ++j) {
      for (std::int64_t i = 0; i < on.shape[0]; ++i) {
        const double x = spacing[0] * double(i), y = spacing[1] * double(j),
                     z = spacing[2] * double(k);
        if (std::hypot(x - 9 - shift_mm, y - 9, z - 10) < 6) map.at(i, j, k) = 17;
        if (x > 17 + shift_mm && y < 7) map.at(i, j, k) = 53;
      }
    }
  }
  return map;
}

TEST(StructureScoresTest, OverlapAndVolumesOfTwoCubesAreThoseCountedByHand) {
  LabelMap reference(grid({12, 10, 10}, {1, 1, 2}), 0), segmentation = reference;
  fill(reference, {2, 2, 2}, {5, 5, 5}, 10);     // 64 voxels of 2 mm3
  fill(segmentation, {4, 2, 2}, {6, 5, 5}, 10);  // 48, of which 32 in both
  const auto scores = score_structures(segmentation, reference);
  ASSERT_EQ(scores.size(), 1u);
  EXPECT_EQ(scores[0].index, 10);
  EXPECT_EQ(scores[0].presence, Presence::kBoth);
  EXPECT_DOUBLE_EQ(scores[0].reference_mm3, 128);
  EXPECT_DOUBLE_EQ(scores[0].segmentation_mm3, 96);
  EXPECT_DOUBLE_EQ(scores[0].dice, 2.0 * 32 / (64 + 48));
  EXPECT_DOUBLE_EQ(scores[0].volume_difference_mm3, -32);
  EXPECT_DOUBLE_EQ(scores[0].volume_difference_percent, -25);
  EXPECT_DOUBLE_EQ(scores[0].volumetric_similarity, 1 - 16.0 / 112);
}

TEST(StructureScoresTest, DistancesOfTwoVoxelsAreTheLengthBetweenTheirCentresInMillimetres) {
  LabelMap first(grid({9, 9, 9}, {1, 2, 3}), 0), second = first;
  first.at(1, 1, 1) = 4;
  second.at(4, 3, 2) = 4;
  const auto score = score_structures(first, second).at(0);
  EXPECT_DOUBLE_EQ(score.dice, 0);
  EXPECT_NEAR(score.hausdorff95_mm, std::sqrt(9.0 + 16 + 9), 1e-12);
  EXPECT_NEAR(score.mean_surface_distance_mm, std::sqrt(9.0 + 16 + 9), 1e-12);
}

TEST(StructureScoresTest, SurfaceDistancesAreThoseOfBruteForceOnAnyGrid) {
  Grid oblique = grid({22, 20, 18}, {1, 1.1, 1.3});
  const double c = std::cos(0.4), s = std::sin(0.4);
  oblique.world_from_voxel = {
      {{c, -s * 1.1, 0, 5}, {s, c * 1.1, 0, -7}, {0, 0, -1.3, 11}, {0, 0, 0, 1}}};
  for (const Grid& on : {grid({24, 20, 22}), grid({30, 22, 10}, {0.8, 0.9, 2.5}), oblique}) {
    const LabelMap reference = phantom(on, 0), segmentation = phantom(on, 1.7);
    const auto scores = score_structures(segmentation, reference);
    ASSERT_EQ(scores.size(), 2u);
    for (const auto& score : scores) {
      const BruteForce expected(segmentation, reference, score.index);
      EXPECT_NEAR(score.hausdorff95_mm, expected.hausdorff95(), 1e-9) << score.index;
      EXPECT_NEAR(score.mean_surface_distance_mm, expected.mean(), 1e-9) << score.index;
      const auto found = surface_distances(segmentation, reference, score.index);
      ASSERT_EQ(found.from_first_mm.size(), expected.from_first_mm.size());
      for (std::size_t i = 0; i < found.from_first_mm.size(); ++i)
        EXPECT_NEAR(found.from_first_mm[i], expected.from_first_mm[i], 1e-9);
    }
  }
}

TEST(StructureScoresTest, AStructureThatFillsTheImageHasItsSurfaceAtTheEdge) {
  const LabelMap all(grid({5, 5, 5}), 2);
  LabelMap smaller(grid({5, 5, 5}), 0);
  fill(smaller, {1, 1, 1}, {3, 3, 3}, 2);
  const auto score = score_structures(smaller, all).at(0);
  const BruteForce expected(smaller, all, 2);
  EXPECT_EQ(surface_distances(smaller, all, 2).from_second_mm.size(), 98u);
  EXPECT_NEAR(score.mean_surface_distance_mm, expected.mean(), 1e-12);
  EXPECT_NEAR(score.hausdorff95_mm, expected.hausdorff95(), 1e-12);
}

TEST(StructureScoresTest, AStructureOnOneSideIsNamedAndNotScored) {
  LabelMap reference(grid({8, 8, 8}), 0), segmentation = reference;
  fill(reference, {1, 1, 1}, {2, 2, 2}, 11);
  fill(segmentation, {4, 4, 4}, {5, 5, 5}, 50);
  const auto scores = score_structures(segmentation, reference);
  ASSERT_EQ(scores.size(), 2u);
  EXPECT_EQ(scores[0].presence, Presence::kReferenceOnly);
  EXPECT_DOUBLE_EQ(scores[0].reference_mm3, 8);
  EXPECT_DOUBLE_EQ(scores[0].segmentation_mm3, 0);
  EXPECT_EQ(scores[1].presence, Presence::kSegmentationOnly);
  for (const auto& score : scores) {
    for (const double value : {score.dice, score.hausdorff95_mm, score.mean_surface_distance_mm,
                               score.volume_difference_mm3, score.volume_difference_percent,
                               score.volumetric_similarity})
      EXPECT_TRUE(std::isnan(value)) << score.index;
  }
  EXPECT_THROW(surface_distances(segmentation, reference, 11), std::invalid_argument);
}

TEST(StructureScoresTest, IgnoredLabelsAndBackgroundAreLeftOut) {
  LabelMap map(grid({8, 8, 8}), 0);
  fill(map, {1, 1, 1}, {2, 2, 2}, 11);
  fill(map, {4, 4, 4}, {5, 5, 5}, 50);
  const auto scores = score_structures(map, map, {11});
  ASSERT_EQ(scores.size(), 1u);
  EXPECT_EQ(scores[0].index, 50);
  EXPECT_TRUE(score_structures(LabelMap(map.grid, 0), LabelMap(map.grid, 0)).empty());
}

TEST(StructureScoresTest, MapsOnDifferentGridsAreRefused) {
  EXPECT_THROW(score_structures(LabelMap(grid({4, 4, 4}), 1), LabelMap(grid({4, 4, 5}), 1)),
               std::invalid_argument);
}

TEST(StructureScoresTest, SeveralThreadsFindTheSame) {
  const Grid on = grid({24, 20, 22}, {1, 1.2, 0.9});
  const LabelMap reference = phantom(on, 0), segmentation = phantom(on, 1.7);
  const auto expected = score_structures(segmentation, reference);
  std::vector<std::vector<StructureScore>> found(4);
  std::vector<std::thread> threads;
  for (auto& scores : found)
    threads.emplace_back([&] { scores = score_structures(segmentation, reference); });
  for (auto& thread : threads) thread.join();
  for (const auto& scores : found) {
    ASSERT_EQ(scores.size(), expected.size());
    for (std::size_t i = 0; i < scores.size(); ++i)
      EXPECT_EQ(scores[i].mean_surface_distance_mm, expected[i].mean_surface_distance_mm);
  }
}

TEST(StructureScoresTest, AShearedGridIsTold) {
  Grid on = grid({4, 4, 4});
  EXPECT_TRUE(has_orthogonal_axes(on));
  on.world_from_voxel[0][1] = 0.05;
  EXPECT_FALSE(has_orthogonal_axes(on));
}

TEST(StructureScoresTest, VolumesOfLabelsAreTheirVoxelsTimesTheVoxelsVolume) {
  LabelMap map(grid({8, 8, 8}, {1, 2, 0.5}), 0);
  fill(map, {1, 1, 1}, {2, 2, 2}, 11);
  map.at(5, 5, 5) = 3;
  map.at(6, 1, 1) = 11;
  const std::vector<std::pair<std::int32_t, double>> expected{{3, 1}, {11, 9}};
  EXPECT_EQ(label_volumes_mm3(map), expected);
}

}  // namespace
}  // namespace hypersynth
