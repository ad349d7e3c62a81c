// The plain resampler against ITK's, on whole random volumes.

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "image/resample.h"
#include "image/resampled_by_itk.h"

namespace hypersynth {
namespace {

Image random_image(const Grid& grid) {
  Image image(grid);
  std::mt19937 generator(1);
  std::uniform_real_distribution<float> uniform(0, 1);
  for (auto& voxel : image.voxels) voxel = uniform(generator);
  return image;
}

const Grid kSource{
    {40, 45, 30},
    {{{1.1, 0.05, 0, -20.3}, {-0.04, 0.9, 0.1, -19.7}, {0, -0.2, 1.7, -25.1}, {0, 0, 0, 1}}}};

TEST(ResampleItkTest, ResamplesAsItkDoesOntoAnObliqueGrid) {
  const Grid target{
      {50, 40, 45},
      {{{0.9, -0.1, 0, -22.2}, {0.1, 0.8, 0.2, -18.8}, {0.05, 0, 1.3, -27.3}, {0, 0, 0, 1}}}};
  const Image image = random_image(kSource);
  const auto ours = resample(image, target).voxels;
  const auto theirs = resampled_by_itk(image, target);
  std::size_t inside = 0;
  for (std::size_t v = 0; v < ours.size(); ++v) {
    ASSERT_NEAR(ours[v], theirs[v], 2e-5) << v;
    inside += theirs[v] != 0 ? 1 : 0;
  }
  EXPECT_GT(inside, ours.size() / 3);
}

TEST(ResampleItkTest, ResamplesAsItkDoesOntoAScaledGrid) {
  Grid target = kSource;
  target.shape = {60, 50, 61};
  const double scale[3] = {0.7, 0.95, 0.51};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      target.world_from_voxel[row][axis] *= scale[axis];
    }
    target.world_from_voxel[row][3] += 0.37;
  }
  const Image image = random_image(kSource);
  const auto ours = resample(image, target).voxels;
  const auto theirs = resampled_by_itk(image, target);
  for (std::size_t v = 0; v < ours.size(); ++v) ASSERT_NEAR(ours[v], theirs[v], 2e-5) << v;
}

}  // namespace
}  // namespace hypersynth
