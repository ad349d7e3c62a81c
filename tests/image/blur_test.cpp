#include "image/blur.h"

#include <numeric>
#include <random>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

Image image_of_shape(const std::array<std::int64_t, 3>& shape) {
  Grid grid;
  grid.shape = shape;
  return Image(grid);
}

TEST(BlurTest, AgreesWithScipy) {
  // scipy.ndimage.gaussian_filter(sigma=(0.8, 0, 1.3), mode="nearest"),
  // voxel value (i * 7 + j * 3 + k * 11) % 13
  Image image = image_of_shape({8, 9, 7});
  for (std::int64_t k = 0; k < 7; ++k) {
    for (std::int64_t j = 0; j < 9; ++j) {
      for (std::int64_t i = 0; i < 8; ++i) {
        image.at(i, j, k) = static_cast<float>((i * 7 + j * 3 + k * 11) % 13);
      }
    }
  }
  gaussian_blur(image, {0.8, 0, 1.3});
  EXPECT_NEAR(image.at(0, 0, 0), 4.122459, 1e-5);
  EXPECT_NEAR(image.at(4, 5, 3), 5.792057, 1e-5);
  EXPECT_NEAR(image.at(7, 8, 6), 7.201749, 1e-5);
  EXPECT_NEAR(image.at(2, 8, 1), 7.062656, 1e-5);
}

TEST(BlurTest, PointSpreadsAlikeAlongEveryAxis) {
  Image image = image_of_shape({21, 21, 21});
  image.at(10, 10, 10) = 1;
  gaussian_blur(image, {1.5, 1.5, 1.5}, 3);
  for (std::int64_t d = 0; d <= 10; ++d) {
    EXPECT_FLOAT_EQ(image.at(10 + d, 10, 10), image.at(10, 10 - d, 10));
    EXPECT_FLOAT_EQ(image.at(10 + d, 10, 10), image.at(10, 10, 10 + d));
  }
  EXPECT_NEAR(std::accumulate(image.voxels.begin(), image.voxels.end(), 0.0), 1, 1e-5);
}

TEST(BlurTest, ThreadsChangeNothing) {
  Image image = image_of_shape({17, 15, 13});
  std::mt19937 generator(1);
  std::normal_distribution<float> normal;
  for (auto& voxel : image.voxels) voxel = normal(generator);
  Image threaded = image;
  gaussian_blur(image, {0.7, 2.5, 1.1}, 1);
  gaussian_blur(threaded, {0.7, 2.5, 1.1}, 4);
  EXPECT_EQ(image.voxels, threaded.voxels);
}

TEST(BlurTest, ConstantStaysConstantOnTheSmallestImages) {
  Image image = image_of_shape({1, 2, 3});
  for (auto& voxel : image.voxels) voxel = 5;
  gaussian_blur(image, {3, 3, 3});
  for (const float voxel : image.voxels) EXPECT_NEAR(voxel, 5, 1e-5);
}

}  // namespace
}  // namespace hypersynth
