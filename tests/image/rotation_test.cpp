#include "image/rotation.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace hypersynth {
namespace {

double distance(const Affine& a, const Affine& b) {
  double sum = 0;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      sum += std::pow(a[row][column] - b[row][column], 2);
    }
  }
  return std::sqrt(sum);
}

TEST(RotationTest, QuaternionGivesTheRotationOfTheNiftiStandard) {
  // A quarter turn about the third axis.
  const double half = std::sqrt(0.5);
  const Affine rotation = rotation_from_quaternion({0, 0, half});
  const Affine expected{{{0, -1, 0, 0}, {1, 0, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}};
  EXPECT_LT(distance(rotation, expected), 1e-12);
}

TEST(RotationTest, QuaternionLongerThanOneIsNormalised) {
  EXPECT_LT(distance(rotation_from_quaternion({0, 0, 1.5}), rotation_from_quaternion({0, 0, 1})),
            1e-12);
}

TEST(RotationTest, NoNearbyRotationIsNearerToAShearedAffine) {
  std::mt19937 generator(2);
  std::normal_distribution<double> normal;
  for (int trial = 0; trial < 100; ++trial) {
    Affine affine{};
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t column = 0; column < 3; ++column) affine[row][column] = normal(generator);
    }
    affine[3][3] = 1;
    if (std::abs(determinant(affine)) < 0.05) continue;
    const auto spacing = spacing_mm(Grid{{1, 1, 1}, affine});
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t column = 0; column < 3; ++column) affine[row][column] /= spacing[column];
    }
    const NearestQuaternion nearest = nearest_quaternion(affine);
    EXPECT_EQ(nearest.proper, determinant(affine) > 0);
    if (!nearest.proper) {
      for (std::size_t row = 0; row < 3; ++row) affine[row][2] *= -1;
    }
    const Affine rotation = rotation_from_quaternion(nearest.bcd);
    EXPECT_NEAR(determinant(rotation), 1, 1e-9);
    for (int nudge = 0; nudge < 20; ++nudge) {
      const Affine small = rotation_from_quaternion(
          {0.01 * normal(generator), 0.01 * normal(generator), 0.01 * normal(generator)});
      EXPECT_LT(distance(rotation, affine), distance(multiply(small, rotation), affine) + 1e-9);
    }
  }
}

TEST(RotationTest, HalfOfARigidTransformAppliedTwiceIsTheWhole) {
  std::mt19937 generator(3);
  std::uniform_real_distribution<double> part(-0.5, 0.5);
  for (int trial = 0; trial < 100; ++trial) {
    Affine rigid = rotation_from_quaternion({part(generator), part(generator), part(generator)});
    for (std::size_t i = 0; i < 3; ++i) rigid[i][3] = 100 * part(generator);
    const Affine half = half_of_rigid(rigid);
    EXPECT_NEAR(determinant(half), 1, 1e-9);
    const Affine twice = multiply(half, half);
    EXPECT_LT(distance(twice, rigid), 1e-9);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(twice[i][3], rigid[i][3], 1e-8);
  }
}

}  // namespace
}  // namespace hypersynth
