#include "image/otsu_itk.h"

#include <vector>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

TEST(OtsuTest, LiesBetweenTwoClasses) {
  std::vector<float> values;
  for (int i = 0; i < 3000; ++i) values.push_back(static_cast<float>(10 + i % 20));
  for (int i = 0; i < 1000; ++i) values.push_back(static_cast<float>(150 + i % 30));
  const double threshold = otsu_threshold(values, 200);
  EXPECT_GE(threshold, 29);
  EXPECT_LE(threshold, 150);
}

TEST(OtsuTest, HasTheUnitOfTheValuesAndIsAnEdgeOfOneOf256Bins) {
  std::vector<float> values;
  for (int i = 0; i < 400; ++i) values.push_back(static_cast<float>(i % 4 == 0 ? 0.9 : 0.1));
  const double threshold = otsu_threshold(values, 1);
  EXPECT_NEAR(threshold * 256, static_cast<int>(threshold * 256 + 0.5), 1e-9);
  std::vector<float> thousandfold;
  for (const float value : values) thousandfold.push_back(1000 * value);
  EXPECT_NEAR(otsu_threshold(thousandfold, 1000), 1000 * threshold, 1e-6);
}

TEST(OtsuTest, ValuesAboveTheTopCountAsTheTop) {
  const std::vector<float> values{1, 1, 1, 2, 9, 10, 10, 10};
  std::vector<float> beyond = values;
  beyond.back() = 1e30F;
  EXPECT_EQ(otsu_threshold(beyond, 10), otsu_threshold(values, 10));
}

TEST(OtsuTest, EqualValuesAndNoValuesHaveAThresholdWithinTheRange) {
  for (const auto& values : {std::vector<float>(100, 3.0F), std::vector<float>()}) {
    const double threshold = otsu_threshold(values, 4);
    EXPECT_GE(threshold, 0);
    EXPECT_LE(threshold, 4);
  }
}

}  // namespace
}  // namespace hypersynth
