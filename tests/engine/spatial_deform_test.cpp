#include "engine/synthesis/spatial_deform.h"

#include <cmath>

#include <ATen/ops/atan2.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_det.h>
#include <ATen/ops/stack.h>
#include <gtest/gtest.h>

#include "engine/distributions.h"
#include "engine/synthetic_fixture.h"

namespace hypersynth {
namespace {

constexpr std::int64_t kImages = 4000;
constexpr double kDegree = 3.14159265358979323846 / 180;
const at::TensorOptions kFloat(at::kFloat);

SynthesisOptions options_of(std::vector<std::int64_t> patch) {
  auto options = small_options(std::move(patch));
  options.scaling = options.rotation_deg = options.shearing = options.velocity_std = 0;
  return options;
}

const std::vector<std::vector<std::int64_t>> kPatches{{32, 24}, {32, 24, 16}};

at::Tensor affines_of(const SynthesisOptions& options) {
  auto generator = seeded(7);
  return random_affines(options, kImages, generator, kFloat);
}

at::Tensor entry(const at::Tensor& matrices, std::int64_t row, std::int64_t column) {
  return matrices.select(1, row).select(1, column);
}

TEST(AffineTest, ScalesEachAxisByItselfWithinItsRange) {
  for (const auto& patch : kPatches) {
    auto options = options_of(patch);
    options.scaling = 0.2;
    const auto affines = affines_of(options);
    for (std::int64_t axis = 0; axis < options.dimensions(); ++axis)
      expect_uniform(entry(affines, axis, axis), 0.8, 1.2);
    expect_uncorrelated(entry(affines, 0, 0), entry(affines, 1, 1));
    EXPECT_EQ(value(entry(affines, 0, 1).abs().max()), 0);
  }
}

TEST(AffineTest, ShearsWithinItsRange) {
  for (const auto& patch : kPatches) {
    auto options = options_of(patch);
    options.shearing = 0.012;
    const auto affines = affines_of(options);
    for (std::int64_t i = 0; i < options.dimensions(); ++i) {
      for (std::int64_t j = 0; j < options.dimensions(); ++j) {
        if (i == j)
          EXPECT_EQ(value((entry(affines, i, j) - 1).abs().max()), 0);
        else
          expect_uniform(entry(affines, i, j), -0.012, 0.012);
      }
    }
    expect_uncorrelated(entry(affines, 0, 1), entry(affines, 1, 0));
  }
}

TEST(AffineTest, RotatesAboutEachAxisWithinItsRange) {
  auto options = options_of({32, 32, 32});
  options.rotation_deg = 15;
  const auto r = affines_of(options);
  // Angles of the product of rotations about X, Y and Z.
  const auto about_x = at::atan2(-entry(r, 1, 2), entry(r, 2, 2));
  const auto about_y = (-entry(r, 0, 2)).asin();
  const auto about_z = at::atan2(-entry(r, 0, 1), entry(r, 0, 0));
  for (const auto& angle : {about_x, about_y, about_z})
    expect_uniform(angle, -15 * kDegree, 15 * kDegree);
  expect_uncorrelated(about_x, about_y);
  expect_uncorrelated(about_y, about_z);
  const auto square = at::bmm(r, r.transpose(1, 2)) - at::eye(3, kFloat);
  EXPECT_LT(value(square.abs().max()), 1e-5);
  EXPECT_LT(value((at::linalg_det(r) - 1).abs().max()), 1e-5);
}

TEST(AffineTest, RotatesSlicesInTheirPlane) {
  auto options = options_of({32, 32});
  options.rotation_deg = 15;
  const auto r = affines_of(options);
  expect_uniform(at::atan2(entry(r, 1, 0), entry(r, 0, 0)), -15 * kDegree, 15 * kDegree);
  EXPECT_LT(value((at::linalg_det(r) - 1).abs().max()), 1e-5);
}

TEST(VelocityTest, HasAGridOfItsOwnDensityAndANormalDistribution) {
  const auto options = small_options({200, 100, 30});
  auto generator = seeded(3);
  const auto velocities = random_velocities(options, 2000, generator, kFloat);
  EXPECT_EQ(velocities.sizes(), (std::vector<std::int64_t>{2000, 3, 8, 4, 2}));
  // N(0, s^2) with s ~ U(0,4): second moment 16/3, fourth 3 x 256/5.
  const auto squares = velocities.square().mean({1, 2, 3, 4});
  EXPECT_NEAR(value(squares.mean()), 16.0 / 3,
              4 * std::sqrt(256.0 / 5 - 256.0 / 9) / std::sqrt(2000));
}

TEST(VelocityTest, HasAStandardDeviationOfItsOwnInEveryImage) {
  auto options = small_options({64, 64});
  options.velocity_grid = 1;  // 8192 values: each deviation is known to 0.8 % (one standard error)
  auto generator = seeded(3);
  const auto velocities = random_velocities(options, 500, generator, kFloat);
  expect_uniform(velocities.flatten(1).std(1), 0, 4, 4 * 4 * 0.008);
  const auto normalised = velocities / velocities.std({1, 2, 3}, true, true);
  expect_normal(normalised.slice(0, 0, 20), 0, 1);
}

TEST(IntegrationTest, OfNoVelocityIsTheIdentity) {
  EXPECT_EQ(value(integrate(at::zeros({2, 2, 3, 3}, kFloat), {20, 16}, 7).abs().max()), 0);
}

TEST(IntegrationTest, OfAConstantVelocityIsThatDisplacementInVoxels) {
  for (const int squarings : {0, 7}) {
    const auto field = integrate(at::full({1, 3, 2, 2, 2}, 3.5, kFloat), {20, 16, 24}, squarings);
    EXPECT_EQ(field.sizes(), (std::vector<std::int64_t>{1, 3, 20, 16, 24}));
    EXPECT_LT(value((field - 3.5).abs().max()), 1e-5);
  }
}

/// Positions along the first axis of a patch, relative to its centre, [side,1].
at::Tensor centred(std::int64_t side) {
  return (at::arange(side, kFloat) - 0.5 * static_cast<double>(side - 1)).unsqueeze(1);
}

TEST(IntegrationTest, OfALinearVelocityIsItsExponential) {
  constexpr std::int64_t kSide = 64;
  const double rate = -0.5;  // towards the centre: nothing comes from outside
  auto knots = at::zeros({1, 2, 2, 2}, kFloat);
  const double edge = rate * 0.5 * (kSide - 1);
  knots.select(1, 0).select(1, 0).fill_(-edge);
  knots.select(1, 0).select(1, 1).fill_(edge);
  const auto field = integrate(knots, {kSide, kSide}, 7);
  const auto expected = centred(kSide) * (std::exp(rate) - 1);
  // Euler's first step of 2^-7 leaves rate^2 2^-8 of a position.
  const double tolerance = 2 * rate * rate / 256 * 0.5 * kSide;
  EXPECT_LT(value((field[0][0] - expected).abs().max()), tolerance);
  EXPECT_LT(value(field[0][1].abs().max()), 1e-5);
}

/// `x` [N,d,X,Y] sampled at the voxels of its own grid moved by `field`, linearly.
at::Tensor moved(const at::Tensor& x, const at::Tensor& field) {
  auto result = x.clone();
  const auto images = x.size(0), width = x.size(2), height = x.size(3);
  for (std::int64_t n = 0; n < images; ++n) {
    const auto at = [&](std::int64_t axis, std::int64_t i, std::int64_t j) {
      return x[n][axis][i][j].item<double>();
    };
    for (std::int64_t i = 0; i < width; ++i) {
      for (std::int64_t j = 0; j < height; ++j) {
        const double u = std::clamp<double>(static_cast<double>(i) + value(field[n][0][i][j]), 0,
                                            static_cast<double>(width - 1));
        const double v = std::clamp<double>(static_cast<double>(j) + value(field[n][1][i][j]), 0,
                                            static_cast<double>(height - 1));
        const auto a = std::min<std::int64_t>(static_cast<std::int64_t>(u), width - 2);
        const auto b = std::min<std::int64_t>(static_cast<std::int64_t>(v), height - 2);
        const double s = u - static_cast<double>(a), t = v - static_cast<double>(b);
        for (std::int64_t axis = 0; axis < 2; ++axis)
          result[n][axis][i][j] = (1 - s) * ((1 - t) * at(axis, a, b) + t * at(axis, a, b + 1)) +
                                  s * ((1 - t) * at(axis, a + 1, b) + t * at(axis, a + 1, b + 1));
      }
    }
  }
  return result;
}

TEST(IntegrationTest, BackwardUndoesForward) {
  auto options = small_options({40, 40});
  auto generator = seeded(11);
  const auto velocities = random_velocities(options, 4, generator, kFloat);
  const auto forward = integrate(velocities, options.patch, 7);
  const auto backward = integrate(-velocities, options.patch, 7);
  const auto round_trip = backward + moved(forward, backward);
  ASSERT_GT(value(forward.abs().max()), 2);
  // Away from the border, across which nothing is known.
  const auto inside = round_trip.slice(2, 10, 30).slice(3, 10, 30);
  EXPECT_LT(value(inside.abs().max()), 0.1);
}

TEST(IntegrationTest, FoldsNothing) {
  auto options = small_options({32, 32});
  auto generator = seeded(3);
  const auto velocities = random_velocities(options, 64, generator, kFloat);
  const auto field = integrate(velocities, options.patch, options.squarings);
  // Jacobian of x + field by forward differences: positive everywhere.
  const auto dx = field.slice(2, 1) - field.slice(2, 0, -1);
  const auto dy = field.slice(3, 1) - field.slice(3, 0, -1);
  const auto x = dx.slice(3, 0, -1), y = dy.slice(2, 0, -1);
  const auto jacobian =
      (x.select(1, 0) + 1) * (y.select(1, 1) + 1) - x.select(1, 1) * y.select(1, 0);
  EXPECT_GT(value(jacobian.min()), 0);
}

TEST(PositionsTest, OfNoChangeAreTheVoxelsRelativeToTheCentreOfThePatch) {
  auto generator = seeded(1);
  const auto positions = random_positions(options_of({9, 8, 10}), 2, generator, kFloat);
  EXPECT_EQ(positions.sizes(), (std::vector<std::int64_t>{2, 3, 9, 8, 10}));
  EXPECT_EQ(value(positions[1][0][0][3][3]), -4);
  EXPECT_EQ(value(positions[1][1][4][7][0]), 3.5);
  EXPECT_EQ(value(positions[1][2][4][7][9]), 4.5);
}

TEST(PositionsTest, AreTheAffineOfTheDeformedVoxels) {
  auto options = small_options({24, 20});
  auto generator = seeded(5), again = seeded(5);
  const auto positions = random_positions(options, 3, generator, kFloat);
  const auto affines = random_affines(options, 3, again, kFloat);
  const auto velocities = random_velocities(options, 3, again, kFloat);
  const auto voxels = random_positions(options_of({24, 20}), 1, again, kFloat);
  const auto deformed = voxels + integrate(velocities, options.patch, 7);
  const auto expected = at::bmm(affines, deformed.flatten(2)).view(positions.sizes());
  EXPECT_LT(value((positions - expected).abs().max()), 1e-4);
}

}  // namespace
}  // namespace hypersynth
