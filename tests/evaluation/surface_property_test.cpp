// What holds for any two label maps.

#include <cmath>
#include <rapidcheck.h>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "evaluation/brute_force.h"
#include "evaluation/structure_scores.h"

namespace hypersynth {
namespace {

/// A label map of 6 x 5 x 4 voxels with the labels 0 to 2.
LabelMap arbitrary_map(const Grid& grid) {
  LabelMap map(grid, 0);
  map.voxels = *rc::gen::container<std::vector<std::int32_t>>(
      static_cast<std::size_t>(grid.voxel_count()), rc::gen::inRange<std::int32_t>(0, 3));
  return map;
}

Grid arbitrary_grid() {
  Grid grid;
  grid.shape = {6, 5, 4};
  for (std::size_t axis = 0; axis < 3; ++axis)
    grid.world_from_voxel[axis][axis] = 0.25 * *rc::gen::inRange(1, 12);
  return grid;
}

RC_GTEST_PROP(SurfacePropertyTest, DistancesAreThoseOfBruteForce, ()) {
  const Grid grid = arbitrary_grid();
  const LabelMap a = arbitrary_map(grid), b = arbitrary_map(grid);
  for (const auto& score : score_structures(a, b)) {
    if (score.presence != Presence::kBoth) continue;
    const BruteForce expected(a, b, score.index);
    RC_ASSERT(std::abs(score.hausdorff95_mm - expected.hausdorff95()) < 1e-9);
    RC_ASSERT(std::abs(score.mean_surface_distance_mm - expected.mean()) < 1e-9);
  }
}

RC_GTEST_PROP(SurfacePropertyTest, BothDirectionsScoreTheSameAndVolumesChangeTheirSign, ()) {
  const Grid grid = arbitrary_grid();
  const LabelMap a = arbitrary_map(grid), b = arbitrary_map(grid);
  const auto forward = score_structures(a, b), backward = score_structures(b, a);
  RC_ASSERT(forward.size() == backward.size());
  for (std::size_t i = 0; i < forward.size(); ++i) {
    if (forward[i].presence != Presence::kBoth) continue;
    RC_ASSERT(forward[i].dice == backward[i].dice);
    RC_ASSERT(forward[i].hausdorff95_mm == backward[i].hausdorff95_mm);
    RC_ASSERT(std::abs(forward[i].mean_surface_distance_mm - backward[i].mean_surface_distance_mm) <
              1e-12);
    RC_ASSERT(forward[i].volumetric_similarity == backward[i].volumetric_similarity);
    RC_ASSERT(forward[i].volume_difference_mm3 == -backward[i].volume_difference_mm3);
    RC_ASSERT(forward[i].dice >= 0 && forward[i].dice <= forward[i].volumetric_similarity);
  }
}

RC_GTEST_PROP(SurfacePropertyTest, AMapAgreesWithItselfPerfectly, ()) {
  const LabelMap a = arbitrary_map(arbitrary_grid());
  for (const auto& score : score_structures(a, a)) {
    RC_ASSERT(score.dice == 1 && score.volumetric_similarity == 1);
    RC_ASSERT(score.hausdorff95_mm == 0 && score.mean_surface_distance_mm == 0);
    RC_ASSERT(score.volume_difference_mm3 == 0 && score.volume_difference_percent == 0);
  }
}

RC_GTEST_PROP(SurfacePropertyTest, DistancesGrowWithTheVoxels, ()) {
  Grid grid = arbitrary_grid();
  LabelMap a = arbitrary_map(grid), b = arbitrary_map(grid);
  const auto small = score_structures(a, b);
  for (auto* map : {&a, &b}) {
    for (std::size_t axis = 0; axis < 3; ++axis) map->grid.world_from_voxel[axis][axis] *= 2;
  }
  const auto large = score_structures(a, b);
  for (std::size_t i = 0; i < small.size(); ++i) {
    if (small[i].presence != Presence::kBoth) continue;
    RC_ASSERT(std::abs(large[i].hausdorff95_mm - 2 * small[i].hausdorff95_mm) < 1e-9);
    RC_ASSERT(large[i].dice == small[i].dice);
  }
}

}  // namespace
}  // namespace hypersynth
