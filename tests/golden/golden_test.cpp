// Replays recorded bilevel training runs (float64, random draws recorded) through the engine, on
// the device that HYPERSYNTH_TEST_DEVICE names.

#include <cstdlib>

#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "engine/bilevel/hypergradient.h"
#include "golden/golden_case.h"
#include "support/shared_data.h"
#include "support/test_device.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

/// The folder of cases: HYPERSYNTH_GOLDEN_DIR, or the shared one.
fs::path golden_dir() {
  const char* named = std::getenv("HYPERSYNTH_GOLDEN_DIR");
  if (named != nullptr && *named != '\0') return named;
  const auto shared = shared_data_dir();
  return shared.empty() ? fs::path() : shared / "data/golden";
}

#define HYPERSYNTH_NEED_GOLDEN_DIR() \
  HYPERSYNTH_NEED_TEST_DEVICE();     \
  if (golden_dir().empty())          \
  GTEST_SKIP() << "no golden files: set HYPERSYNTH_GOLDEN_DIR to their folder"

/// What counts of a difference: a GPU, which adds in another order, may differ a thousand times as
/// much as a CPU.
double counted(double difference) {
  return test_device().is_cpu() ? difference : difference / 1000;
}

double largest(const at::Tensor& x) { return x.abs().max().item<double>(); }

/// Largest difference relative to the largest value, tensor by tensor of a flat vector.
double relative_error(const at::Tensor& value, const at::Tensor& expected,
                      const TensorLayout& layout) {
  const auto values = layout.views(value);
  const auto references = layout.views(expected);
  double worst = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double scale = std::max(largest(references[i]), 1e-300);
    worst = std::max(worst, largest(values[i] - references[i]) / scale);
  }
  return counted(worst);
}

double relative_error(const at::Tensor& value, const at::Tensor& expected) {
  return counted(largest(value - expected) / std::max(largest(expected), 1e-300));
}

InnerBatch inner_batch(const GoldenCase& golden, const std::string& step) {
  InnerBatch batch;
  batch.synthetic.image = golden.tensor(step + "synth_image");
  batch.synthetic.reference = golden.tensor(step + "synth_ref");
  batch.draws = golden.below(step + "draw.");
  const auto axes = batch.synthetic.image.dim() - 2;
  for (auto& [name, draw] : batch.draws) {
    if (draw.dim() == axes) draw = draw.unsqueeze(0).unsqueeze(0);  // bias knots of the whole batch
  }
  return batch;
}

struct Replay {
  explicit Replay(const GoldenCase& golden)
      : network(golden.network()),
        augmentation(golden.augmentation()),
        problem(*network, *augmentation, golden.loss()),
        phi(golden.flat("init.seg.param.", network->parameters())),
        theta(golden.flat("init.syn.param.", augmentation->layout())) {}

  std::unique_ptr<Network> network;
  std::unique_ptr<Augmentation> augmentation;
  InnerProblem problem;
  at::Tensor phi, theta;
  OptimiserState phi_state, theta_state;
};

/// Tolerance of the parameters after an optimiser step: 1e-12, and what the step makes of an error
/// of `tolerance` in the gradient. Adam amplifies that where a gradient is far smaller than its
/// epsilon, as behind a normalisation that takes a bias away.
double step_tolerance(const OptimiserOptions& options, const at::Tensor& parameters,
                      const OptimiserState& state, const at::Tensor& gradient,
                      const TensorLayout& layout, double tolerance) {
  auto nudged = gradient.clone();
  for (const auto& part : layout.views(nudged)) part.add_(tolerance * part.abs().max());
  const auto after = [&](const at::Tensor& g) {
    return optimiser_step(options, options.learning_rate, parameters, g, state).parameters;
  };
  return 1e-12 + relative_error(after(nudged), after(gradient), layout);
}

void check_inner(const GoldenCase& golden, const Replay& replay, const std::string& step,
                 const BilevelResult& result) {
  const auto& layout = replay.network->parameters();
  EXPECT_LE(relative_error(result.synthetic_loss, golden.tensor(step + "synth_loss")), 1e-12);
  EXPECT_LE(relative_error(result.real_loss, golden.tensor(step + "real_loss")), 1e-12);
  EXPECT_LE(
      relative_error(result.synthetic_gradient, golden.flat(step + "seg.grad.", layout), layout),
      1e-11);
  const auto allowed = step_tolerance(golden.segmentation_optimiser(), replay.phi, replay.phi_state,
                                      golden.flat(step + "seg.grad.", layout), layout, 1e-11);
  EXPECT_LE(
      relative_error(result.parameters, golden.flat(step + "after.seg.param.", layout), layout),
      allowed);
}

void replay_case(const GoldenCase& golden) {
  Replay replay(golden);
  const auto& layout = replay.augmentation->layout();
  const auto optimiser = golden.segmentation_optimiser();
  const auto theta_optimiser = golden.synthesis_optimiser();
  HypergradientOptions exact;
  exact.mode = HypergradientMode::kExact;
  const BilevelStep bilevel(replay.problem, golden.loss(), optimiser, exact);
  for (int s = 0; s < golden.steps(); ++s) {
    const std::string step = "step" + std::to_string(s) + ".";
    SCOPED_TRACE(step);
    const auto batch = inner_batch(golden, step);
    const OuterBatch real{golden.tensor(step + "real_image"), golden.tensor(step + "real_ref")};
    if (golden.has(step + "synth_image_plus")) {
      const auto augmented =
          replay.augmentation->apply(batch.synthetic, layout.views(replay.theta), batch.draws);
      EXPECT_LE(relative_error(augmented.image, golden.tensor(step + "synth_image_plus")), 1e-12);
    }
    const auto result = bilevel.run(replay.phi, replay.phi_state, replay.theta, {{{batch}}, {real}},
                                    optimiser.learning_rate);
    check_inner(golden, replay, step, result);
    const auto hypergradient = result.hypergradient * golden.alpha();
    const auto expected = golden.flat(step + "hypergrad.", layout);
    // Adam's first update is nearly a sign function of the gradient.
    const bool near_sign = s == 0 && optimiser.kind != OptimiserKind::kSgd;
    const double tolerance = near_sign ? 1e-6 : 1e-9;
    EXPECT_LE(relative_error(hypergradient, expected, layout), tolerance);
    const auto update = optimiser_step(theta_optimiser, theta_optimiser.learning_rate, replay.theta,
                                       hypergradient, replay.theta_state);
    EXPECT_LE(
        relative_error(update.parameters, golden.flat(step + "after.syn.param.", layout), layout),
        step_tolerance(theta_optimiser, replay.theta, replay.theta_state, expected, layout,
                       tolerance));
    EXPECT_GT(largest(update.parameters - replay.theta), 0) << "theta did not move";
    // From the recorded parameters: what a step allows itself does not add up.
    replay.phi = golden.flat(step + "after.seg.param.", replay.network->parameters());
    replay.phi_state = result.state;
    replay.theta = golden.flat(step + "after.syn.param.", layout);
    replay.theta_state = update.state;
  }
}

/// Runs `check` on every case; one that cannot be read is a failure of its own.
template <typename Check>
void for_every_case(Check check) {
  const auto folders = golden_folders(golden_dir());
  ASSERT_FALSE(folders.empty()) << golden_dir() << " holds no case";
  for (const auto& folder : folders) {
    SCOPED_TRACE(folder.filename().string());
    try {
      const GoldenCase golden(folder, test_device());
      EXPECT_GE(golden.steps(), 1);
      check(golden);
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

TEST(GoldenTest, EveryRecordedRunIsReproducedAtItsTolerances) {
  HYPERSYNTH_NEED_GOLDEN_DIR();
  for_every_case(replay_case);
}

/// At the recorded state after the first step, where Adam's update is smooth.
void check_central_difference(const GoldenCase& golden) {
  if (golden.steps() < 2) return;
  Replay replay(golden);
  const auto optimiser = golden.segmentation_optimiser();
  HypergradientOptions options;
  // ELU's curvature jumps at 0: on 32 x 32 voxels one crossing shows.
  options.difference_norm = 1e-6;
  const BilevelStep bilevel(replay.problem, golden.loss(), optimiser, options);
  const auto first =
      bilevel.run(replay.phi, {}, replay.theta,
                  {{{inner_batch(golden, "step0.")}},
                   {{golden.tensor("step0.real_image"), golden.tensor("step0.real_ref")}}},
                  optimiser.learning_rate);
  const auto theta = golden.flat("step0.after.syn.param.", replay.augmentation->layout());
  const auto second =
      bilevel.run(first.parameters, first.state, theta,
                  {{{inner_batch(golden, "step1.")}},
                   {{golden.tensor("step1.real_image"), golden.tensor("step1.real_ref")}}},
                  optimiser.learning_rate);
  const auto expected = golden.flat("step1.hypergrad.", replay.augmentation->layout());
  const auto difference = second.hypergradient * golden.alpha() - expected;
  EXPECT_LE((difference.norm() / expected.norm()).item<double>(), 1e-3);
}

TEST(GoldenTest, CentralDifferenceAgreesWithTheRecordedHypergradients) {
  HYPERSYNTH_NEED_GOLDEN_DIR();
  for_every_case(check_central_difference);
}

}  // namespace
}  // namespace hypersynth
