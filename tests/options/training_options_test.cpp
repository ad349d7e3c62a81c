// The options of training: what is checked, and what a checkpoint records of them.

#include "engine/training/training_options.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "options/option.h"

namespace hypersynth {
namespace {

using testing::ElementsAre;

TrainingOptions complete() {
  TrainingOptions options;
  options.data = "data.pack";
  options.output = "run";
  return options;
}

TEST(TrainingOptionsTest, TheDefaultsNeedOnlyDataAndOutput) {
  EXPECT_TRUE(complete().check().empty());
  EXPECT_THAT(TrainingOptions().check(), ElementsAre(testing::HasSubstr("--data is missing"),
                                                     testing::HasSubstr("--output is missing")));
}

TEST(TrainingOptionsTest, EveryViolationIsReportedAtOnce) {
  auto options = complete();
  options.levels = 9;
  options.synthesis.scaling = 1;
  options.optimiser.learning_rate = 0;
  options.theta_optimiser.nesterov = true;
  options.hypergradient.difference_norm = 0;
  options.hypergradient.neumann_terms = 0;
  options.inner_steps = 0;
  options.patience = 2;
  options.device = ComputeDevice{};
  EXPECT_THAT(options.check(), ElementsAre("levels must lie in 1 to 8, found 9",
                                           "scaling must lie in [0, 1), found 1",
                                           "learning_rate must be positive, found 0",
                                           "difference_norm must be positive, found 0",
                                           "inner_steps must be at least 1, found 0",
                                           "device must be cpu, cuda or cuda:N, found auto",
                                           "theta optimiser: nesterov needs momentum",
                                           "hypergradient: neumann_terms must be at least 1",
                                           "patience needs validation_every"));
}

TEST(TrainingOptionsTest, FrozenNormNeedsStatisticsToRead) {
  auto options = complete();
  options.frozen_norm = true;
  EXPECT_THAT(options.check(), ElementsAre("frozen norm needs --initial-model"));
  options.initial_model = "model.safetensors";
  EXPECT_TRUE(options.check().empty());
  options.norm = Norm::kNone;
  EXPECT_THAT(options.check(), ElementsAre("frozen norm needs batch norm"));
}

TEST(TrainingOptionsTest, TheFingerprintHasWhatACheckpointFixes) {
  EXPECT_EQ(
      TrainingOptions().fingerprint(),
      R"({"method":"synthseg","network":"pool-unet","levels":5,"features":16,"norm":"batch",)"
      R"("frozen_norm":false,"patch":[128,128,128],"augmentation":"none","unchanged_share":0,"loss":"dice+0.2*cross-entropy",)"
      R"("optimiser":{"kind":"adam","learning_rate":0.001,"momentum":0,"nesterov":false,)"
      R"("weight_decay":0,"gradient_clip":0},)"
      R"("theta_optimiser":{"kind":"adam","learning_rate":0.001,"momentum":0,"nesterov":false,)"
      R"("weight_decay":0,"gradient_clip":0},)"
      R"("theta_rate_unit":"one","hypergradient":"central-difference","outer_decay":0,)"
      R"("theta_every":1,"theta_patience":0,"inner_steps":1,)"
      R"("synthetic_batches":1,"real_batches":1,"baseline_batches":0,"batch_size":1,"average_decay":0,"seed":"1"})");
}

TEST(TrainingOptionsTest, TheFingerprintFollowsEveryOptionThatACheckpointFixes) {
  TrainingOptions o;
  o.method = TrainingMethod::kLearn2Synth;
  o.network = "resize-unet";
  o.levels = 3;
  o.features = 8;
  o.norm = Norm::kInstance;
  o.frozen_norm = true;
  o.synthesis.patch = {96, 80};
  o.augmentation = "noise-bias+gamma";
  o.loss = LossFormula("logit-mse+0.20*dice");
  o.optimiser.kind = OptimiserKind::kSgd;
  o.optimiser.learning_rate = 0.1;
  o.optimiser.momentum = 0.9;
  o.optimiser.nesterov = true;
  o.theta_optimiser.kind = OptimiserKind::kAdamW;
  o.theta_optimiser.weight_decay = 1e-5;
  o.theta_optimiser.gradient_clip = 2.5;
  o.unchanged_share = 0.5;
  o.hypergradient.mode = HypergradientMode::kNeumann;
  o.inner_steps = 2;
  o.synthetic_batches = 3;
  o.real_batches = 4;
  o.batch_size = 5;
  o.average_decay = 0.999;
  o.seed = 18446744073709551615U;
  EXPECT_EQ(
      o.fingerprint(),
      R"({"method":"learn2synth","network":"resize-unet","levels":3,"features":8,)"
      R"("norm":"instance","frozen_norm":true,"patch":[96,80],"augmentation":"noise-bias+gamma",)"
      R"("unchanged_share":0.5,)"
      R"("loss":"logit-mse+0.20*dice",)"
      R"("optimiser":{"kind":"sgd","learning_rate":0.10000000000000001,)"
      R"("momentum":0.90000000000000002,"nesterov":true,"weight_decay":0,"gradient_clip":0},)"
      R"("theta_optimiser":{"kind":"adamw","learning_rate":0.01,"momentum":0,"nesterov":false,)"
      R"("weight_decay":1.0000000000000001e-05,"gradient_clip":2.5},)"
      R"("theta_rate_unit":"prior","hypergradient":"neumann","outer_decay":0.90000000000000002,)"
      R"("theta_every":1,"theta_patience":3,"inner_steps":2,)"
      R"("synthetic_batches":3,"real_batches":4,"baseline_batches":1,"batch_size":5,"average_decay":0.999,)"
      R"("seed":"18446744073709551615"})");
}

TEST(TrainingOptionsTest, WordsThatAreNoneOfAChoiceAreRefusedByName) {
  TrainingOptions options;
  OptionList list;
  describe(options, list);
  const auto refusal = [&](const std::string& name, const std::string& word) -> std::string {
    for (auto& option : list.options()) {
      if (option.name() != name) continue;
      try {
        option.read(word);
      } catch (const std::invalid_argument& error) {
        return error.what();
      }
    }
    return "";
  };
  for (const char* name : {"--loss", "--real-loss", "--precision", "--device", "--method",
                           "--network", "--norm", "--schedule", "--optimiser", "--hypergradient"})
    EXPECT_THAT(refusal(name, "hinge"), testing::HasSubstr("hinge")) << name;
  EXPECT_EQ(refusal("--hypergradient", "neumann"), "");
}

TEST(TrainingOptionsTest, NoNameIsDescribedTwice) {
  TrainingOptions options;
  OptionList list;
  describe(options, list);
  std::set<std::string> names;
  for (const auto& option : list.options())
    for (const auto& name : option.names()) EXPECT_TRUE(names.insert(name).second) << name;
  EXPECT_GT(names.size(), 70u);
}

}  // namespace
}  // namespace hypersynth
