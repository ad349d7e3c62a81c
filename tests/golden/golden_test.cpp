// Replays recorded bilevel training runs (float64, random draws recorded) through the engine.

#include <cstdlib>

#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "engine/hypergradient.h"
#include "golden/golden_case.h"
#include "support/shared_data.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;

/// The folder of cases: HYPERSYNTH_GOLDEN_DIR, or the shared one.
fs::path golden_dir() {
  if (const char* dir = std::getenv("HYPERSYNTH_GOLDEN_DIR")) return dir;
  const auto shared = shared_data_dir();
  return shared.empty() ? fs::path() : shared / "data/golden";
}

#define HYPERSYNTH_NEED_GOLDEN_DIR() \
  if (golden_dir().empty())          \
  GTEST_SKIP() << "no golden files: set HYPERSYNTH_GOLDEN_DIR to their folder"

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
  return worst;
}

double relative_error(const at::Tensor& value, const at::Tensor& expected) {
  return largest(value - expected) / std::max(largest(expected), 1e-300);
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

void check_inner(const GoldenCase& golden, const Replay& replay, const std::string& step,
                 const BilevelResult& result) {
  const auto& layout = replay.network->parameters();
  EXPECT_LE(relative_error(result.synthetic_loss, golden.tensor(step + "synth_loss")), 1e-12);
  EXPECT_LE(relative_error(result.real_loss, golden.tensor(step + "real_loss")), 1e-12);
  EXPECT_LE(
      relative_error(result.synthetic_gradient, golden.flat(step + "seg.grad.", layout), layout),
      1e-11);
  EXPECT_LE(
      relative_error(result.parameters, golden.flat(step + "after.seg.param.", layout), layout),
      1e-12);
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
    // Adam's first update is nearly a sign function of the gradient.
    const bool near_sign = s == 0 && optimiser.kind != OptimiserKind::kSgd;
    EXPECT_LE(relative_error(hypergradient, golden.flat(step + "hypergrad.", layout), layout),
              near_sign ? 1e-6 : 1e-9);
    const auto update = optimiser_step(theta_optimiser, theta_optimiser.learning_rate, replay.theta,
                                       hypergradient, replay.theta_state);
    EXPECT_LE(
        relative_error(update.parameters, golden.flat(step + "after.syn.param.", layout), layout),
        1e-12);
    EXPECT_GT(largest(update.parameters - replay.theta), 0) << "theta did not move";
    replay.phi = result.parameters;
    replay.phi_state = result.state;
    replay.theta = update.parameters;
    replay.theta_state = update.state;
  }
}

TEST(GoldenTest, EveryRecordedRunIsReproducedAtItsTolerances) {
  HYPERSYNTH_NEED_GOLDEN_DIR();
  ASSERT_FALSE(golden_folders(golden_dir()).empty()) << golden_dir();
  for (const auto& folder : golden_folders(golden_dir())) {
    SCOPED_TRACE(folder.filename().string());
    replay_case(GoldenCase(folder));
  }
}

/// At the recorded state after the first step, where Adam's update is smooth.
TEST(GoldenTest, CentralDifferenceAgreesWithTheRecordedHypergradients) {
  HYPERSYNTH_NEED_GOLDEN_DIR();
  for (const auto& folder : golden_folders(golden_dir())) {
    const GoldenCase golden(folder);
    SCOPED_TRACE(golden.name());
    Replay replay(golden);
    const auto optimiser = golden.segmentation_optimiser();
    HypergradientOptions options;
    options.difference_norm =
        1e-5;  // ELU's curvature jumps at 0: on 32 x 32 voxels one crossing shows
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
}

}  // namespace
}  // namespace hypersynth
