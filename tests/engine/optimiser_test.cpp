#include "engine/bilevel/optimiser.h"

#include <ATen/ops/dot.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include "engine/synthetic_fixture.h"

namespace hypersynth {
namespace {

constexpr double kRate = 0.05;

struct Rule {
  const char* name;
  OptimiserOptions options;
};

std::vector<Rule> rules() {
  std::vector<Rule> all;
  const auto add = [&](const char* name, auto change) {
    OptimiserOptions options;
    change(options);
    all.push_back({name, options});
  };
  const auto sgd = [](OptimiserOptions& o) { o.kind = OptimiserKind::kSgd; };
  add("sgd", sgd);
  add("momentum", [&](auto& o) { sgd(o), o.momentum = 0.9; });
  add("nesterov", [&](auto& o) { sgd(o), o.momentum = 0.9, o.nesterov = true; });
  add("nesterov with decay",
      [&](auto& o) { sgd(o), o.momentum = 0.8, o.nesterov = true, o.weight_decay = 0.1; });
  add("sgd clipped", [&](auto& o) { sgd(o), o.momentum = 0.9, o.gradient_clip = 0.5; });
  add("adam", [](auto&) {});
  add("adam with decay", [](auto& o) { o.weight_decay = 0.1; });
  add("adamw", [](auto& o) { o.kind = OptimiserKind::kAdamW, o.weight_decay = 0.1; });
  add("adam clipped", [](auto& o) { o.gradient_clip = 0.5; });
  return all;
}

at::Tensor random_vector(at::Generator& generator) {
  return at::randn({7}, generator, at::TensorOptions(at::kDouble));
}

/// State after three steps with random gradients.
OptimiserState warm_state(const OptimiserOptions& options, at::Generator& generator) {
  OptimiserState state;
  auto parameters = random_vector(generator);
  for (int i = 0; i < 3; ++i) {
    const auto step = optimiser_step(options, kRate, parameters, random_vector(generator), state);
    parameters = step.parameters;
    state = step.state;
  }
  return state;
}

/// c1 . phi' + c2 . first' + c3 . second': a scalar function of everything a step gives.
struct Functional {
  at::Tensor by_parameters, by_first, by_second;

  double operator()(const OptimiserStep& step) const {
    double total = value(at::dot(by_parameters, step.parameters));
    if (step.state.first.defined()) total += value(at::dot(by_first, step.state.first));
    if (step.state.second.defined()) total += value(at::dot(by_second, step.state.second));
    return total;
  }
};

/// Central differences of `f` by each element of `x`.
template <typename F>
at::Tensor differences(const at::Tensor& x, F f) {
  auto result = at::zeros_like(x);
  const double h = 1e-7;
  for (std::int64_t i = 0; i < x.size(0); ++i) {
    auto plus = x.clone(), minus = x.clone();
    plus[i] += h;
    minus[i] -= h;
    result[i] = (f(plus) - f(minus)) / (2 * h);
  }
  return result;
}

TEST(OptimiserTest, TheVectorJacobianProductOfEveryRuleAgreesWithFiniteDifferences) {
  for (const auto& rule : rules()) {
    SCOPED_TRACE(rule.name);
    auto generator = seeded(5);
    const auto state = warm_state(rule.options, generator);
    const auto parameters = random_vector(generator);
    const auto gradient = random_vector(generator);
    const Functional functional{random_vector(generator), random_vector(generator),
                                random_vector(generator)};
    const auto run = [&](const at::Tensor& p, const at::Tensor& g, const OptimiserState& s) {
      return functional(optimiser_step(rule.options, kRate, p, g, s));
    };
    const auto step = optimiser_step(rule.options, kRate, parameters, gradient, state);
    OptimiserAdjoint after{functional.by_parameters, {}, {}};
    if (step.state.first.defined()) after.first = functional.by_first;
    if (step.state.second.defined()) after.second = functional.by_second;
    const auto adjoint = optimiser_step_adjoint(rule.options, kRate, step, after);
    EXPECT_LT(relative_error(
                  adjoint.gradient,
                  differences(gradient, [&](const auto& g) { return run(parameters, g, state); })),
              1e-6);
    EXPECT_LT(relative_error(
                  adjoint.before.parameters,
                  differences(parameters, [&](const auto& p) { return run(p, gradient, state); })),
              1e-6);
    const auto by_moment = [&](at::Tensor OptimiserState::*moment, const at::Tensor& expected) {
      const auto numeric = differences(state.*moment, [&](const auto& m) {
        auto changed = state;
        changed.*moment = m;
        return run(parameters, gradient, changed);
      });
      EXPECT_LT(relative_error(expected, numeric), 1e-6);
    };
    if (state.first.defined()) by_moment(&OptimiserState::first, adjoint.before.first);
    if (state.second.defined()) by_moment(&OptimiserState::second, adjoint.before.second);
  }
}

TEST(OptimiserTest, AUnitThatNeverHadAGradientGivesZeroNotNan) {
  const OptimiserOptions adam;
  const auto zero = at::zeros({3}, at::TensorOptions(at::kDouble));
  const auto step = optimiser_step(adam, kRate, zero + 1, zero, {});
  EXPECT_EQ(value((step.parameters - 1).abs().max()), 0);
  const auto adjoint = optimiser_step_adjoint(adam, kRate, step, {zero + 5, zero + 1, zero + 1});
  EXPECT_EQ(value(adjoint.gradient.abs().max()), 0);
  EXPECT_EQ(value(adjoint.before.first.isnan().sum()), 0);
}

TEST(OptimiserTest, AStepChangesNeitherItsParametersNorItsState) {
  auto generator = seeded(2);
  const OptimiserOptions adam;
  const auto state = warm_state(adam, generator);
  const auto parameters = random_vector(generator);
  const auto before = parameters.clone();
  const auto first = state.first.clone();
  optimiser_step(adam, kRate, parameters, random_vector(generator), state);
  EXPECT_TRUE(parameters.equal(before));
  EXPECT_TRUE(state.first.equal(first));
}

TEST(OptimiserTest, EveryViolationIsReported) {
  OptimiserOptions options;
  options.learning_rate = 0;
  options.nesterov = true;
  options.beta1 = 1;
  options.epsilon = 0;
  EXPECT_EQ(options.check().size(), 4u);
}

}  // namespace
}  // namespace hypersynth
