#include "engine/inference/posteriors.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

constexpr int kBackground = 0;

Grid cube(std::int64_t side) {
  Grid grid;
  grid.shape = {side, side, side};
  return grid;
}

/// Posteriors of three classes: background, a ball of class 1 around `centre`, and class 2 nowhere.
Posteriors ball(std::int64_t side, double centre, double radius) {
  Posteriors posteriors(cube(side), 3);
  std::vector<float> row(static_cast<std::size_t>(3 * side));
  for (std::int64_t k = 0; k < side; ++k) {
    for (std::int64_t j = 0; j < side; ++j) {
      for (std::int64_t i = 0; i < side; ++i) {
        const double r =
            std::hypot(static_cast<double>(i) - centre, static_cast<double>(j) - centre,
                       static_cast<double>(k) - centre);
        row[i] = r < radius ? 0.1F : 1.0F;
        row[side + i] = r < radius ? 0.9F : 0.0F;
        row[2 * side + i] = 0;
      }
      posteriors.add_row(j, k, row.data(), side, 1.0F);
    }
  }
  return posteriors;
}

/// Sets all classes of one voxel.
void set(Posteriors& posteriors, std::int64_t voxel, const std::vector<float>& values) {
  for (std::size_t c = 0; c < values.size(); ++c) {
    posteriors.plane(static_cast<int>(c))[voxel] = static_cast<std::uint16_t>(values[c] * 65535);
  }
}

double sum_of(const Posteriors& posteriors, int channel) {
  std::vector<float> values;
  posteriors.copy_to(channel, values);
  return std::accumulate(values.begin(), values.end(), 0.0);
}

TEST(PosteriorsTest, TwoHalvesAddUpToTheirMean) {
  Posteriors posteriors(cube(2), 1);
  const float first[] = {0.2F, 1.0F};
  const float second[] = {0.6F, 1.0F};
  posteriors.add_row(1, 0, first, 2, 0.5F);
  posteriors.add_row(1, 0, second, 2, 0.5F);
  std::vector<float> values;
  posteriors.copy_to(0, values);
  EXPECT_NEAR(values[2], 0.4F, 2e-5);
  EXPECT_EQ(values[3], 1.0F);
  EXPECT_EQ(values[0], 0.0F);
}

TEST(PostprocessTest, WithoutSmoothingACleanBallStaysAsItIs) {
  Posteriors posteriors = ball(24, 11.5, 6);
  const double before = sum_of(posteriors, 1);
  PostprocessOptions options;
  options.smoothing_sigma_voxels = 0;
  const VoxelBox box = postprocess(posteriors, kBackground, {}, options);
  EXPECT_NEAR(sum_of(posteriors, 1), before, 1e-3 * before);
  EXPECT_LE(box.begin[0], 6);
  EXPECT_GE(box.end[2], 18);
}

TEST(PostprocessTest, ForegroundApartFromTheLargestPieceIsRemoved) {
  Posteriors posteriors = ball(24, 14, 5);
  set(posteriors, 0, {0, 1, 0});
  postprocess(posteriors, kBackground, {}, {});
  EXPECT_EQ(posteriors.plane(1)[0], 0);
  EXPECT_EQ(posteriors.plane(kBackground)[0], 65535);
}

TEST(PostprocessTest, APieceOfAStructureApartFromItsLargestIsRemovedUnlessItMayScatter) {
  for (const bool scattered : {false, true}) {
    Posteriors posteriors = ball(24, 11.5, 8);
    const auto at = [&](std::int64_t i) { return i + 24 * (11 + 24 * 11); };
    for (std::int64_t i = 5; i < 9; ++i) set(posteriors, at(i), {0, 0.2F, 0.8F});
    set(posteriors, at(16), {0, 0.2F, 0.8F});
    PostprocessOptions options;
    options.smoothing_sigma_voxels = 0;
    postprocess(posteriors, kBackground, scattered ? std::vector<int>{2} : std::vector<int>{},
                options);
    EXPECT_GT(posteriors.plane(2)[at(6)], 0);
    EXPECT_EQ(posteriors.plane(2)[at(16)] > 0, scattered);
    EXPECT_GT(posteriors.plane(1)[at(16)], 0);
  }
}

TEST(PostprocessTest, ClassesSumToOneInsideTheBox) {
  Posteriors posteriors = ball(24, 11.5, 7);
  const VoxelBox box = postprocess(posteriors, kBackground, {}, {});
  for (std::int64_t k = box.begin[2]; k < box.end[2]; ++k) {
    for (std::int64_t i = box.begin[0]; i < box.end[0]; ++i) {
      const std::int64_t voxel = i + 24 * (12 + 24 * k);
      const int sum =
          posteriors.plane(0)[voxel] + posteriors.plane(1)[voxel] + posteriors.plane(2)[voxel];
      EXPECT_NEAR(sum, 65535, 3);
    }
  }
}

TEST(PostprocessTest, SmoothingKeepsTheVolumeAndAnEmptyImageGivesAnEmptyBox) {
  Posteriors posteriors = ball(24, 11.5, 6);
  const double before = sum_of(posteriors, 1);
  PostprocessOptions options;
  options.foreground_threshold = 0;
  postprocess(posteriors, kBackground, {}, options);
  EXPECT_NEAR(sum_of(posteriors, 1), before, 0.01 * before);

  Posteriors nothing = ball(12, 50, 1);
  const VoxelBox box = postprocess(nothing, kBackground, {}, {});
  EXPECT_TRUE(box.empty());
  const auto best = most_probable(nothing, kBackground, box);
  EXPECT_EQ(std::count(best.begin(), best.end(), 0), 12 * 12 * 12);
}

TEST(VoxelBoxTest, IsEmptyWhereItEndsBeforeItBeginsAlongTwoAxes) {
  EXPECT_TRUE((VoxelBox{{5, 5, 0}, {2, 2, 9}}.empty()));
  EXPECT_FALSE((VoxelBox{{2, 2, 0}, {5, 5, 9}}.empty()));
}

TEST(MeanPosteriorsTest, AreThoseOfTheVoxelsThatCarryTheLabel) {
  const Posteriors posteriors = ball(16, 8, 4);
  const VoxelBox all{{0, 0, 0}, {16, 16, 16}};
  const auto channels = most_probable(posteriors, kBackground, all);
  const auto means = mean_posteriors(posteriors, channels, all);
  EXPECT_NEAR(means[kBackground], 1.0, 1e-4);
  EXPECT_NEAR(means[1], 0.9, 1e-4);
  EXPECT_TRUE(std::isnan(means[2])) << "no voxel has it";
}

TEST(VolumesTest, SoftVolumeIsTheSumOfPosteriorsTimesTheVoxel) {
  Posteriors posteriors = ball(24, 11.5, 6);
  const VoxelBox all{{0, 0, 0}, {24, 24, 24}};
  EXPECT_NEAR(soft_volumes_mm3(posteriors, all)[1], sum_of(posteriors, 1), 0.01);
}

}  // namespace
}  // namespace hypersynth
