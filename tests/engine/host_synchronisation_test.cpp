// The host only queues work for the device: nothing in a training step reads a tensor's values.
// Observed on the CPU, where the operators are the same.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/bilevel/hypergradient.h"
#include "engine/networks/pool_unet.h"
#include "engine/operator_recorder.h"
#include "engine/synthetic_fixture.h"
#include "engine/training_fixture.h"
#include "support/temporary_dir.h"

namespace hypersynth {
namespace {

/// The operators that made the host wait since recording began.
std::vector<std::string> waits() {
  std::vector<std::string> found;
  for (const auto& name : OperatorRecorder::recorded()) {
    if (waits_for_device(name)) found.push_back(name);
  }
  return found;
}

GenerativeModel model_of(const std::vector<std::int64_t>& patch) {
  return GenerativeModel(small_options(patch), small_table(), at::kCPU);
}

const std::vector<std::int64_t> k2D{16, 16}, k3D{16, 16, 16};

TEST(HostSynchronisationTest, ReadingAValueIsNoticed) {
  const OperatorRecorder recorder;
  const auto x = at::zeros({4}, at::TensorOptions(at::kFloat));
  EXPECT_TRUE(waits().empty());
  x.sum().item<float>();
  EXPECT_FALSE(waits().empty());
  EXPECT_GT(OperatorRecorder::recorded().size(), 2u);
}

TEST(HostSynchronisationTest, SynthesisMakesNone) {
  for (const auto& patch : {k2D, k3D}) {
    const auto model = model_of(patch);
    auto generator = seeded(1);
    const std::vector<DeviceLabelMap> maps{small_map(), small_map()};
    const OperatorRecorder recorder;
    model.synthesise(maps, generator);
    EXPECT_EQ(waits(), std::vector<std::string>{});
    EXPECT_GT(OperatorRecorder::recorded().size(), 50u);
  }
}

TEST(HostSynchronisationTest, NoAugmentationMakesAnyInItsDrawsOrInItsApplication) {
  for (const char* name :
       {"noise", "noise-range", "noise-bias", "noise-range-bias", "unet", "intensity-prior",
        "gamma", "blur", "deformation", "intensity-prior+gamma+blur+deformation+noise-bias"}) {
    for (const auto& patch : {k2D, k3D}) {
      SCOPED_TRACE(name);
      AugmentationOptions options;
      options.dimensions = static_cast<int>(patch.size());
      options.intensity_classes = 5;
      const auto augmentation = make_augmentation(name, options);
      auto generator = seeded(1);
      const auto theta = augmentation->layout().leaves(augmentation->initial_theta(generator));
      const auto batch = model_of(patch).synthesise({small_map(), small_map()}, generator);
      const OperatorRecorder recorder;
      augmentation->apply(batch, theta, augmentation->draw(batch, generator));
      EXPECT_EQ(waits(), std::vector<std::string>{});
      EXPECT_GT(OperatorRecorder::recorded().size(), 1u);
    }
  }
}

OptimiserOptions optimiser_of(OptimiserKind kind) {
  OptimiserOptions options;
  options.kind = kind;
  options.gradient_clip = 1;
  options.weight_decay = 1e-4;
  if (kind == OptimiserKind::kSgd) options.momentum = 0.9;
  return options;
}

TEST(HostSynchronisationTest, NoHypergradientStepMakesAny) {
  PoolUnetOptions net;
  net.dimensions = 2;
  net.out_channels = 4;
  net.levels = 2;
  net.base_features = 4;
  const PoolUnet network(net);
  AugmentationOptions options;
  options.dimensions = 2;
  const auto augmentation = make_augmentation("deformation+noise-bias", options);
  LossOptions loss;
  loss.terms = parse_loss("dice+0.2*cross-entropy+logit-mse");
  loss.ignored_labels = loss.skip_absent_classes = true;
  loss.undrawn_classes = {2};
  const InnerProblem problem(network, *augmentation, loss);
  auto generator = seeded(1);
  const auto model = model_of(k2D);
  const auto phi = network.initial_parameters(generator);
  const auto buffers = network.initial_buffers();
  const auto theta = augmentation->initial_theta(generator);
  const auto synthetic = model.synthesise({small_map(), small_map()}, generator);
  const InnerBatch inner{synthetic, augmentation->draw(synthetic, generator)};
  const OuterBatch outer{synthetic.image, synthetic.reference};
  for (const char* mode : {"none", "exact", "central-difference", "neumann"}) {
    for (const auto kind : {OptimiserKind::kSgd, OptimiserKind::kAdam, OptimiserKind::kAdamW}) {
      SCOPED_TRACE(mode);
      HypergradientOptions hypergradient;
      hypergradient.mode = parse_word<HypergradientMode>(mode);
      const BilevelStep step(problem, loss, optimiser_of(kind), hypergradient);
      const NormStatistics norm{network.buffers().views(buffers), true};
      const OperatorRecorder recorder;
      step.run(phi, {}, theta, {{{inner}, {inner}}, {outer, outer}}, 1e-3, norm);
      EXPECT_EQ(waits(), std::vector<std::string>{});
      EXPECT_GT(OperatorRecorder::recorded().size(), 100u);
    }
  }
}

/// In each turn of the training loop the first wait comes after the last work of the step.
TEST(HostSynchronisationTest, TheTrainerReadsAStepOnlyAfterTheNextOneIsQueued) {
  const TemporaryDir folder;
  for (const auto method : {TrainingMethod::kSynthSeg, TrainingMethod::kLearn2Synth,
                            TrainingMethod::kSupervised, TrainingMethod::kMixed}) {
    SCOPED_TRACE(word_of(method));
    auto options = small_training(folder.path(), word_of(method));
    options.method = method;
    options.augmentation = "noise-bias";
    options.average_decay = 0.9;
    const OperatorRecorder recorder;
    train(options, {}, [] {
      OperatorRecorder::mark("turn");
      return false;
    });
    bool waited = false;
    int turns = 0;
    for (const auto& name : OperatorRecorder::recorded()) {
      if (name == "turn") {
        ++turns;
        waited = false;
      }
      if (turns == 0) continue;
      if (waits_for_device(name)) waited = true;
      const bool works = name == "aten::convolution" || name == "aten::convolution_backward" ||
                         name == "aten::randn" || name == "aten::rand";
      EXPECT_FALSE(works && waited) << name << " after a wait in turn " << turns;
    }
    EXPECT_EQ(turns, options.steps);
  }
}

}  // namespace
}  // namespace hypersynth
