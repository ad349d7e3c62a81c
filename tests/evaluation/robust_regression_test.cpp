// The regression that outliers hardly move.

#include "evaluation/robust_regression.h"

#include <cmath>
#include <random>
#include <rapidcheck.h>
#include <stdexcept>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hypersynth {
namespace {

/// People with two predictors, and a value that follows from them with noise.
struct Sample {
  std::vector<std::vector<double>> x;
  std::vector<double> y;

  Sample(std::size_t people, double noise, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < people; ++i) {
      x.push_back({1400 + 120 * normal(random), 50 + 15 * normal(random)});
      y.push_back(kModel.at(x.back()) + noise * normal(random));
    }
  }

  /// Every tenth value is far off.
  void add_outliers(double size) {
    for (std::size_t i = 0; i < y.size(); i += 10) y[i] += size;
  }

  static inline const LinearModel kModel{{500, 2.5, -8}};
};

double largest_error(const LinearModel& model, const Sample& sample) {
  double error = 0;
  for (const auto& row : sample.x)
    error = std::max(error, std::abs(model.at(row) - Sample::kModel.at(row)));
  return error;
}

RC_GTEST_PROP(RobustRegressionTest, IsExactWithoutNoise, ()) {
  const Sample sample(*rc::gen::inRange<std::size_t>(5, 60), 0, *rc::gen::arbitrary<unsigned>());
  RC_ASSERT(largest_error(fit_robustly(sample.x, sample.y), sample) < 1e-6);
}

RC_GTEST_PROP(RobustRegressionTest, IsExactWithoutNoiseThoughEveryTenthIsFarOff, ()) {
  Sample sample(*rc::gen::inRange<std::size_t>(20, 80), 0, *rc::gen::arbitrary<unsigned>());
  sample.add_outliers(*rc::gen::element(-5000.0, 800.0, 1e5));
  RC_ASSERT(largest_error(fit_robustly(sample.x, sample.y), sample) < 1e-3);
}

RC_GTEST_PROP(RobustRegressionTest, NoiseAndEveryTenthFarOffMoveItNoMoreThanNoiseAlone, ()) {
  Sample sample(200, 100, *rc::gen::arbitrary<unsigned>());
  sample.add_outliers(*rc::gen::element(-20000.0, 20000.0));
  // At the mean predictors the standard error is 100 / sqrt(180) = 7.5; far off more, up to 4
  // times.
  RC_ASSERT(largest_error(fit_robustly(sample.x, sample.y), sample) < 160);
  RC_ASSERT(std::abs(fit_robustly(sample.x, sample.y).at({1400, 50}) -
                     Sample::kModel.at({1400, 50})) < 45);
}

RC_GTEST_PROP(RobustRegressionTest, FollowsShiftsAndScalesOfTheValues, ()) {
  const Sample sample(40, 100, *rc::gen::arbitrary<unsigned>());
  const double scale = *rc::gen::element(-3.0, 0.001, 1000.0), shift = *rc::gen::element(-1e5, 7.0);
  auto changed = sample.y;
  for (double& value : changed) value = scale * value + shift;
  const auto before = fit_robustly(sample.x, sample.y), after = fit_robustly(sample.x, changed);
  for (const auto& row : sample.x)
    RC_ASSERT(std::abs(after.at(row) - (scale * before.at(row) + shift)) <
              1e-5 * std::abs(scale) * 1e3);
}

RC_GTEST_PROP(RobustRegressionTest, DoesNotDependOnTheUnitsOfThePredictors, ()) {
  const Sample sample(40, 100, *rc::gen::arbitrary<unsigned>());
  const double scale = *rc::gen::element(1e-6, 1000.0), shift = *rc::gen::element(-50.0, 1e4);
  auto changed = sample.x;
  for (auto& row : changed) row[0] = scale * row[0] + shift;
  const auto before = fit_robustly(sample.x, sample.y), after = fit_robustly(changed, sample.y);
  for (std::size_t i = 0; i < changed.size(); ++i)
    RC_ASSERT(std::abs(after.at(changed[i]) - before.at(sample.x[i])) < 1e-2);
}

TEST(RobustRegressionTest, AgreesWithLeastSquaresWhereThereAreNoOutliers) {
  const Sample sample(5000, 100, 1);
  EXPECT_NEAR(fit_robustly(sample.x, sample.y).coefficients[1], 2.5, 0.06);
  EXPECT_NEAR(fit_robustly(sample.x, sample.y).coefficients[2], -8, 0.4);
}

TEST(RobustRegressionTest, PredictorsThatSayNothingNewDoNotMatter) {
  const Sample sample(30, 100, 3);
  auto more = sample.x;
  for (auto& row : more) row.insert(row.end(), {7, 2 * row[0] + 1});
  const auto plain = fit_robustly(sample.x, sample.y), same = fit_robustly(more, sample.y);
  EXPECT_EQ(same.coefficients[3], 0);
  for (std::size_t i = 0; i < more.size(); ++i)
    EXPECT_NEAR(same.at(more[i]), plain.at(sample.x[i]), 0.01);
}

TEST(RobustRegressionTest, WithoutPredictorsItIsARobustMean) {
  const std::vector<std::vector<double>> x(11);
  const auto model = fit_robustly(x, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1e6});
  EXPECT_NEAR(model.at({}), 5.5, 0.3);
}

TEST(RobustRegressionTest, RefusesTooFewOrIrregularRows) {
  EXPECT_THROW(fit_robustly({}, {}), std::invalid_argument);
  EXPECT_THROW(fit_robustly({{1, 2}, {2, 3}}, {1, 2}), std::invalid_argument);
  EXPECT_THROW(fit_robustly({{1}, {2}, {2, 3}}, {1, 2, 3}), std::invalid_argument);
}

}  // namespace
}  // namespace hypersynth
