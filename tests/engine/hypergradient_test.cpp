// Every hypergradient against central finite differences of the real loss, in float64.

#include "engine/bilevel/hypergradient.h"

#include <algorithm>
#include <cmath>

#include <ATen/ops/dot.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include "engine/networks/dilated_net.h"
#include "engine/networks/pool_unet.h"
#include "engine/synthetic_fixture.h"

namespace hypersynth {
namespace {

constexpr double kRate = 2e-3;

/// A small bilevel problem in float64, two warm-up steps in.
struct Problem {
  Problem(const std::string& name, std::vector<std::int64_t> patch,
          OptimiserOptions optimiser_options = {}, std::uint64_t seed = 11)
      : loss(dice_and_cross_entropy()),
        optimiser(optimiser_options),
        generator(seeded(seed)),
        model(small_options(patch), small_table(), at::kCPU),
        network(net_options(patch.size())),
        augmentation(make_augmentation(name, augmentation_options(patch.size()))),
        inner(network, *augmentation, loss) {
    phi = network.initial_parameters(generator).to(at::kDouble) * 2;
    theta = augmentation->initial_theta(generator).to(at::kDouble);
    for (int step = 0; step < 2; ++step) {
      HypergradientOptions none;
      none.mode = HypergradientMode::kNone;
      const auto warm = run(none, theta, {{{inner_batch()}}, {}});
      phi = warm.parameters;
      state = warm.state;
    }
  }

  static LossOptions dice_and_cross_entropy() {
    LossOptions options;
    options.terms = parse_loss("dice+0.1*cross-entropy");
    return options;
  }

  static DilatedNetOptions net_options(std::size_t dimensions) {
    DilatedNetOptions options;
    options.dimensions = static_cast<int>(dimensions);
    options.features = 4;
    return options;
  }

  static AugmentationOptions augmentation_options(std::size_t dimensions) {
    AugmentationOptions options;
    options.dimensions = static_cast<int>(dimensions);
    options.intensity_classes = 5;
    options.unet_features = 4;
    options.deformation_knots = 3;
    return options;
  }

  InnerBatch inner_batch() {
    InnerBatch batch;
    batch.synthetic = in_double(model.synthesise({small_map(), small_map()}, generator));
    batch.draws = augmentation->draw(batch.synthetic, generator);
    return batch;
  }

  OuterBatch outer_batch() {
    const auto other = model.synthesise({small_map(), small_map()}, generator);
    return {other.image.to(at::kDouble), other.reference};
  }

  /// Synthetic images at the present theta, as a real batch has them.
  OuterBatch synthetic_batch() {
    const auto batch = inner_batch();
    const auto made =
        augmentation->apply(batch.synthetic, augmentation->layout().views(theta), batch.draws);
    return {made.image, made.reference};
  }

  BilevelResult run(const HypergradientOptions& options, const at::Tensor& at_theta,
                    const BilevelBatches& batches, const OuterAverage& outer = {}) const {
    return BilevelStep(inner, loss, optimiser, options)
        .run(phi, state, at_theta, batches, kRate, {}, outer);
  }

  at::Tensor after_inner_steps(const at::Tensor& at_theta, const BilevelBatches& batches) const {
    HypergradientOptions none;
    none.mode = HypergradientMode::kNone;
    return run(none, at_theta, batches).parameters;
  }

  double mean_loss(const at::Tensor& at_phi, const std::vector<OuterBatch>& batches) const {
    double total = 0;
    for (const auto& batch : batches)
      total += value(real_gradient(network, loss, at_phi, batch).loss);
    return batches.empty() ? 0 : total / static_cast<double>(batches.size());
  }

  /// The real loss after the inner steps, less that of the baseline, as a function of theta.
  double real_loss(const at::Tensor& at_theta, const BilevelBatches& batches) const {
    const auto after = after_inner_steps(at_theta, batches);
    return mean_loss(after, batches.outer) - mean_loss(after, batches.baseline);
  }

  double slope(const at::Tensor& direction, const BilevelBatches& batches, double step) const {
    return (real_loss(theta + direction * step, batches) -
            real_loss(theta - direction * step, batches)) /
           (2 * step);
  }

  /// Distance of `derivative` from the slope along `direction`. ELU's curvature jumps at 0: where a
  /// voxel crosses it inside a step, a shorter one still has the slope.
  double slope_error(const at::Tensor& direction, const BilevelBatches& batches,
                     double derivative) const {
    double least = std::abs(slope(direction, batches, 1e-6) - derivative);
    for (const double step : {1e-7, 1e-8, 1e-9})
      least = std::min(least, std::abs(slope(direction, batches, step) - derivative));
    return least;
  }

  LossOptions loss;
  OptimiserOptions optimiser;
  at::Generator generator;
  GenerativeModel model;
  DilatedNet network;
  std::unique_ptr<Augmentation> augmentation;
  InnerProblem inner;
  at::Tensor phi, theta;
  OptimiserState state;
};

HypergradientOptions exact() {
  HypergradientOptions options;
  options.mode = HypergradientMode::kExact;
  return options;
}

/// The exact hypergradient along each axis of a short theta, or along random directions.
void expect_finite_differences(const Problem& problem, const BilevelBatches& batches,
                               double tolerance) {
  const auto hypergradient = problem.run(exact(), problem.theta, batches).hypergradient;
  const double scale = value(hypergradient.norm());
  ASSERT_GT(scale, 0);
  auto generator = seeded(3);
  for (std::int64_t i = 0; i < std::min<std::int64_t>(4, problem.theta.size(0)); ++i) {
    auto direction = at::zeros_like(problem.theta);
    if (problem.theta.size(0) <= 4)
      direction[i] = 1;
    else
      direction = at::randn(direction.sizes(), generator, direction.options());
    const double derivative = value(at::dot(hypergradient, direction));
    EXPECT_LT(problem.slope_error(direction, batches, derivative),
              tolerance * scale * value(direction.norm()));
  }
}

TEST(HypergradientTest, OfEveryAugmentationAgreesWithFiniteDifferencesIn2D) {
  for (const char* name : {"noise", "noise-range", "noise-bias", "noise-range-bias", "unet",
                           "intensity-prior", "gamma", "blur", "deformation", "artefact-strength",
                           "intensity-prior+artefact-strength+gamma+blur+noise-bias"}) {
    SCOPED_TRACE(name);
    Problem problem(name, {16, 16});
    expect_finite_differences(problem, {{{problem.inner_batch()}}, {problem.outer_batch()}}, 1e-4);
  }
}

TEST(HypergradientTest, OfEveryAugmentationAgreesWithFiniteDifferencesIn3D) {
  for (const char* name : {"noise", "noise-range", "noise-bias", "unet", "intensity-prior", "gamma",
                           "blur", "deformation", "artefact-strength"}) {
    SCOPED_TRACE(name);
    Problem problem(name, {8, 8, 8});
    expect_finite_differences(problem, {{{problem.inner_batch()}}, {problem.outer_batch()}}, 1e-4);
  }
}

TEST(HypergradientTest, LeavesTheShareOfImagesUnchangedThatIsAskedFor) {
  Problem problem("intensity-prior", {16, 16});
  auto options = Problem::augmentation_options(2);
  options.unchanged_share = 0.5;
  problem.augmentation = make_augmentation("intensity-prior", options);
  int unchanged = 0;
  for (int draw = 0; draw < 100; ++draw) {
    const auto batch = problem.inner_batch();
    const auto theta = problem.augmentation->layout().views(problem.theta);
    const auto made = problem.augmentation->apply(batch.synthetic, theta, batch.draws);
    for (std::int64_t n = 0; n < 2; ++n)
      unchanged += made.image[n].equal(batch.synthetic.image[n]) ? 1 : 0;
  }
  EXPECT_NEAR(unchanged, 100, 25);
}

TEST(HypergradientTest, GoesThroughSeveralInnerStepsOfEveryOptimiser) {
  std::vector<OptimiserOptions> optimisers(4);
  optimisers[1].kind = OptimiserKind::kAdamW;
  optimisers[1].weight_decay = 0.1;
  optimisers[2].kind = OptimiserKind::kSgd;
  optimisers[2].momentum = 0.9;
  optimisers[2].nesterov = true;
  optimisers[2].weight_decay = 0.01;
  optimisers[3].gradient_clip = 0.05;
  for (const auto& optimiser : optimisers) {
    Problem problem("noise-bias", {16, 16}, optimiser);
    const BilevelBatches batches{
        {{problem.inner_batch()}, {problem.inner_batch()}, {problem.inner_batch()}},
        {problem.outer_batch()}};
    expect_finite_differences(problem, batches, 1e-4);
  }
}

TEST(HypergradientTest, AveragesOverSyntheticAndRealBatches) {
  Problem problem("noise-bias", {16, 16});
  const BilevelBatches batches{{{problem.inner_batch(), problem.inner_batch()},
                                {problem.inner_batch(), problem.inner_batch()}},
                               {problem.outer_batch(), problem.outer_batch()}};
  expect_finite_differences(problem, batches, 1e-4);
}

TEST(HypergradientTest, SubtractsTheLossOfTheBaselineWithItsThetaHeldFixed) {
  Problem problem("intensity-prior", {16, 16});
  const BilevelBatches batches{{{problem.inner_batch()}, {problem.inner_batch()}},
                               {problem.outer_batch()},
                               {problem.synthetic_batch(), problem.synthetic_batch()}};
  expect_finite_differences(problem, batches, 1e-4);
  const auto result = problem.run(exact(), problem.theta, batches);
  const auto after = result.parameters;
  EXPECT_NEAR(value(result.real_loss), problem.mean_loss(after, batches.outer), 1e-12);
  EXPECT_NEAR(value(result.baseline_loss), problem.mean_loss(after, batches.baseline), 1e-12);
}

TEST(HypergradientTest, AveragesTheOuterGradientOverStepsByAge) {
  Problem problem("noise-bias", {16, 16});
  auto options = exact();
  options.outer_decay = 0.5;
  OuterAverage outer;
  std::vector<at::Tensor> gradients;
  BilevelBatches batches;
  BilevelResult result;
  for (int step = 0; step < 3; ++step) {
    batches = {{{problem.inner_batch()}}, {problem.outer_batch()}, {problem.synthetic_batch()}};
    result = problem.run(options, problem.theta, batches, outer);
    outer = result.outer;
    const auto at = result.parameters;
    gradients.push_back(real_gradient(problem.network, problem.loss, at, batches.outer[0]).flat -
                        real_gradient(problem.network, problem.loss, at, batches.baseline[0]).flat);
  }
  const auto mean = (gradients[0] + gradients[1] * 2 + gradients[2] * 4) / 7;
  auto direction = at::zeros_like(problem.theta);
  for (std::int64_t i = 0; i < direction.size(0); ++i) {
    direction.zero_();
    direction[i] = 1;
    const auto along = [&](double step) {
      return value(
          at::dot(mean, problem.after_inner_steps(problem.theta + direction * step, batches)));
    };
    const double expected = (along(1e-6) - along(-1e-6)) / 2e-6;
    EXPECT_NEAR(value(result.hypergradient[i]), expected,
                1e-4 * value(result.hypergradient.norm()));
  }
}

/// Where theta is right, real and baseline images come from one distribution: a hypergradient that
/// changes its sign when they change places is 0 on average, whatever the network, the optimiser
/// and the number of steps.
TEST(HypergradientTest, ChangesItsSignWhereRealImagesAndBaselineChangePlaces) {
  OptimiserOptions clipped;
  clipped.gradient_clip = 0.05;
  Problem problem("intensity-prior", {16, 16}, clipped);
  const auto real = problem.outer_batch();
  const auto baseline = problem.synthetic_batch();
  BilevelBatches batches{{{problem.inner_batch()}, {problem.inner_batch()}}, {real}, {baseline}};
  for (const auto mode : {HypergradientMode::kExact, HypergradientMode::kCentralDifference,
                          HypergradientMode::kNeumann}) {
    HypergradientOptions options;
    options.mode = mode;
    batches.outer = {real};
    batches.baseline = {baseline};
    const auto one = problem.run(options, problem.theta, batches).hypergradient;
    std::swap(batches.outer, batches.baseline);
    const auto other = problem.run(options, problem.theta, batches).hypergradient;
    EXPECT_LT(relative_error(one, -other), 1e-9);
  }
}

/// Relative errors of the central difference on five problems, ascending: a voxel that crosses
/// ELU's jump of curvature inside the step shows in one and not in the next.
std::vector<double> difference_errors(const std::string& name, double difference_norm) {
  std::vector<double> errors;
  for (std::uint64_t seed = 11; seed < 16; ++seed) {
    Problem problem(name, {48, 48}, {}, seed);
    HypergradientOptions difference;
    difference.difference_norm = difference_norm;
    const BilevelBatches batches{{{problem.inner_batch()}}, {problem.outer_batch()}};
    const auto expected = problem.run(exact(), problem.theta, batches).hypergradient;
    const auto found = problem.run(difference, problem.theta, batches).hypergradient;
    errors.push_back(relative_error(found, expected));
  }
  std::sort(errors.begin(), errors.end());
  return errors;
}

TEST(HypergradientTest, CentralDifferenceAgreesWithExact) {
  for (const char* name : {"noise", "noise-range", "noise-bias", "unet", "intensity-prior", "gamma",
                           "blur", "deformation"}) {
    SCOPED_TRACE(name);
    const auto errors = difference_errors(name, 1e-4);
    EXPECT_LT(errors.front(), 1e-4);
    EXPECT_LT(errors[2], 1e-3);
    EXPECT_LT(difference_errors(name, 1e-5)[2], 1e-4);
  }
}

TEST(HypergradientTest, CentralDifferenceAgreesWithExactThroughSeveralSteps) {
  Problem problem("noise-bias", {48, 48});
  HypergradientOptions difference;
  difference.difference_norm = 1e-4;
  const BilevelBatches batches{{{problem.inner_batch()}, {problem.inner_batch()}},
                               {problem.outer_batch(), problem.outer_batch()}};
  const auto expected = problem.run(exact(), problem.theta, batches).hypergradient;
  const auto found = problem.run(difference, problem.theta, batches).hypergradient;
  EXPECT_LT(relative_error(found, expected), 1e-3);
}

TEST(HypergradientTest, ModeNoneTakesTheSameInnerStepAndGivesNoHypergradient) {
  Problem problem("noise", {16, 16});
  const BilevelBatches batches{{{problem.inner_batch()}}, {problem.outer_batch()}};
  HypergradientOptions none;
  none.mode = HypergradientMode::kNone;
  const auto plain = problem.run(none, problem.theta, batches);
  const auto bilevel = problem.run(HypergradientOptions(), problem.theta, batches);
  EXPECT_FALSE(plain.hypergradient.defined());
  EXPECT_TRUE(plain.parameters.equal(bilevel.parameters));
}

/// At the optimum of a network that is linear in its parameters the Neumann series tends to the
/// implicit derivative; here: its finite-difference check through a long inner run.
TEST(HypergradientTest, NeumannSeriesGivesTheSlopeOfTheConvergedLoss) {
  OptimiserOptions sgd;
  sgd.kind = OptimiserKind::kSgd;
  Problem problem("noise", {16, 16}, sgd);
  problem.loss.terms = parse_loss("logit-mse");
  DilatedNetOptions linear;
  linear.convolutions = 0;  // a 1x1 convolution: a quadratic loss
  const DilatedNet network(linear);
  const InnerProblem inner(network, *problem.augmentation, problem.loss);
  const BilevelBatches one{{{problem.inner_batch()}}, {problem.outer_batch()}};
  const double eta = 0.5;
  const auto converge = [&](const at::Tensor& theta) {
    HypergradientOptions none;
    none.mode = HypergradientMode::kNone;
    auto phi = network.initial_parameters(problem.generator).to(at::kDouble) * 0;
    const BilevelStep step(inner, problem.loss, sgd, none);
    for (int i = 0; i < 2000; ++i) phi = step.run(phi, {}, theta, one, eta).parameters;
    return phi;
  };
  const auto loss_at = [&](double shift) {
    return value(
        real_gradient(network, problem.loss, converge(problem.theta + shift), one.outer[0]).loss);
  };
  const double expected = (loss_at(1e-4) - loss_at(-1e-4)) / 2e-4;
  HypergradientOptions neumann;
  neumann.mode = HypergradientMode::kNeumann;
  neumann.neumann_terms = 1500;
  neumann.neumann_eta = eta;
  const auto result = BilevelStep(inner, problem.loss, sgd, neumann)
                          .run(converge(problem.theta), {}, problem.theta, one, eta);
  EXPECT_NEAR(value(result.hypergradient[0]), expected, 2e-3 * std::abs(expected));
}

TEST(HypergradientTest, WorksThroughBatchNormalisationAndPooling) {
  PoolUnetOptions options;
  options.dimensions = 2;
  options.out_channels = 4;
  options.levels = 2;
  options.base_features = 4;
  const PoolUnet network(options);
  Problem problem("noise", {16, 16});
  const InnerProblem inner(network, *problem.augmentation, problem.loss);
  auto phi = network.initial_parameters(problem.generator).to(at::kDouble);
  const BilevelBatches batches{{{problem.inner_batch()}}, {problem.outer_batch()}};
  OptimiserOptions sgd;
  sgd.kind = OptimiserKind::kSgd;
  const auto hypergradient = BilevelStep(inner, problem.loss, sgd, exact())
                                 .run(phi, {}, problem.theta, batches, 0.1)
                                 .hypergradient;
  HypergradientOptions none;
  none.mode = HypergradientMode::kNone;
  const BilevelStep plain(inner, problem.loss, sgd, none);
  const auto loss_at = [&](double shift) {
    const auto after = plain.run(phi, {}, problem.theta + shift, batches, 0.1).parameters;
    return value(real_gradient(network, problem.loss, after, batches.outer[0]).loss);
  };
  const double expected = (loss_at(1e-6) - loss_at(-1e-6)) / 2e-6;
  EXPECT_NEAR(value(hypergradient[0]), expected, 1e-4 * std::abs(expected));
}

/// A small pool-unet with batch normalisation and running statistics unlike those of its batches.
struct FrozenProblem : Problem {
  FrozenProblem()
      : Problem("noise-bias", {16, 16}), pool(net()), frozen(pool, *augmentation, loss) {
    phi = pool.initial_parameters(generator).to(at::kDouble);
    buffers = pool.initial_buffers().to(at::kDouble);
    buffers = buffers + at::rand(buffers.sizes(), generator, buffers.options()) * 0.5;
    sgd.kind = OptimiserKind::kSgd;
  }

  static PoolUnetOptions net() {
    PoolUnetOptions options;
    options.dimensions = 2;
    options.out_channels = 4;
    options.levels = 2;
    options.base_features = 4;
    return options;
  }

  NormStatistics norm() const { return {pool.buffers().views(buffers), false}; }

  BilevelResult run_frozen(const HypergradientOptions& options, const at::Tensor& at_theta,
                           const BilevelBatches& batches) const {
    return BilevelStep(frozen, loss, sgd, options).run(phi, {}, at_theta, batches, 0.1, norm());
  }

  /// The real loss after the inner steps; both with the running statistics.
  double frozen_loss(const at::Tensor& at_theta, const BilevelBatches& batches) const {
    HypergradientOptions none;
    none.mode = HypergradientMode::kNone;
    const auto after = run_frozen(none, at_theta, batches).parameters;
    return value(real_gradient(pool, loss, after, batches.outer[0], norm()).loss);
  }

  PoolUnet pool;
  InnerProblem frozen;
  at::Tensor buffers;
  OptimiserOptions sgd;
};

TEST(HypergradientTest, OfStatisticsThatAreOnlyReadAgreesWithFiniteDifferences) {
  FrozenProblem problem;
  const auto before = problem.buffers.clone();
  const auto batch = [&] { return problem.inner_batch(); };
  // One batch, whose graph is kept, and several, whose graphs are made again.
  for (const auto& inner :
       {std::vector<std::vector<InnerBatch>>{{batch()}},
        std::vector<std::vector<InnerBatch>>{{batch(), batch()}, {batch(), batch()}}}) {
    const BilevelBatches batches{inner, {problem.outer_batch()}};
    const auto result = problem.run_frozen(exact(), problem.theta, batches);
    EXPECT_NEAR(value(result.real_loss), problem.frozen_loss(problem.theta, batches), 1e-12);
    const double scale = value(result.hypergradient.norm());
    ASSERT_GT(scale, 0);
    for (std::int64_t i = 0; i < problem.theta.size(0); ++i) {
      auto direction = at::zeros_like(problem.theta);
      direction[i] = 1;
      // As Problem::slope_error: a kink inside one step is not in a shorter one.
      double error = scale;
      for (const double step : {1e-6, 1e-7}) {
        const double slope = (problem.frozen_loss(problem.theta + direction * step, batches) -
                              problem.frozen_loss(problem.theta - direction * step, batches)) /
                             (2 * step);
        error = std::min(error, std::abs(slope - value(result.hypergradient[i])));
      }
      EXPECT_LT(error, 1e-4 * scale) << i;
    }
    HypergradientOptions difference;
    difference.difference_norm = 1e-5;
    EXPECT_LT(relative_error(problem.run_frozen(difference, problem.theta, batches).hypergradient,
                             result.hypergradient),
              1e-3);
    // With the statistics of the batches it is another one.
    const auto own = BilevelStep(problem.frozen, problem.loss, problem.sgd, exact())
                         .run(problem.phi, {}, problem.theta, batches, 0.1);
    EXPECT_GT(relative_error(own.hypergradient, result.hypergradient), 0.05);
  }
  EXPECT_TRUE(problem.buffers.equal(before));
}

// With one term the series is a product with the synthetic loss at the end of the inner steps.
TEST(HypergradientTest, TheNeumannSeriesReadsFrozenStatisticsToo) {
  FrozenProblem problem;
  const BilevelBatches batches{{{problem.inner_batch()}}, {problem.outer_batch()}};
  HypergradientOptions neumann;
  neumann.mode = HypergradientMode::kNeumann;
  neumann.neumann_terms = 1;
  neumann.neumann_eta = 0.5;
  neumann.difference_norm = 1e-5;
  const auto result = problem.run_frozen(neumann, problem.theta, batches);
  const auto by_phi =
      real_gradient(problem.pool, problem.loss, result.parameters, batches.outer[0], problem.norm())
          .flat;
  const auto gradient = problem.frozen.gradient(result.parameters, problem.theta,
                                                batches.inner[0][0], true, problem.norm());
  const auto expected = problem.frozen.exact_product(gradient, by_phi * -0.5, false).theta;
  EXPECT_LT(relative_error(result.hypergradient, expected), 1e-3);
}

}  // namespace
}  // namespace hypersynth
