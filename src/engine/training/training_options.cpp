#include "engine/training/training_options.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/joined.h"
#include "engine/augmentation/augmentation_name.h"
#include "engine/model/architecture.h"
#include "options/option.h"

namespace hypersynth {
namespace {

/// Whether the registry of networks has this name.
bool is_known(const std::string& network) {
  const auto names = architecture_names();
  return std::find(names.begin(), names.end(), network) != names.end();
}

void require_known(const std::string& network) {
  if (is_known(network)) return;
  throw std::invalid_argument("expected one of " + known_architectures() + ", found '" + network +
                              "'");
}

void describe_data(TrainingOptions& o, OptionList& list) {
  list.heading("Data and network");
  list.add("--method", o.method, "what is trained on").in_checkpoint();
  list.add("--data", o.data, "file written by hypersynth-pack").value_name("FILE").may_change();
  list.add("--output", o.output,
           "folder of checkpoint.safetensors, model.safetensors, training.jsonl")
      .value_name("DIR")
      .may_change();
  list.add("--initial-model", o.initial_model, "model file to start from")
      .value_name("FILE")
      .may_change();
  list.add("--network", o.network, "family of networks; pool-unet is the default model's")
      .value_name("{" + joined(architecture_names(), ",") + "}")
      .after_reading([&o] { require_known(o.network); })
      .check([&o] { return is_known(o.network); }, "must be one of " + known_architectures())
      .in_checkpoint();
  list.add("--levels", o.levels, "resolutions of the network")
      .range(Range::whole(1, 8))
      .in_checkpoint();
  list.add("--features", o.features, "features of its finest level")
      .range(Range::at_least(1))
      .in_checkpoint();
  list.add("--norm", o.norm, "normalisation after each activation; instance: resize-unet alone")
      .in_checkpoint();
  list.add("--frozen-norm", o.frozen_norm,
           "batch normalisation with the running statistics of --initial-model, which stay as they "
           "are: those of small patches and batches are not those of whole images")
      .in_checkpoint();
}

void describe_augmentation(TrainingOptions& o, OptionList& list) {
  list.heading("Learned augmentation (Learn2Synth)");
  list.add("--augmentation", o.augmentation,
           "none, " + known_augmentations() + ", or several joined by '+'")
      .value_name("NAME")
      .in_checkpoint();
  list.add("--augmentation-features", o.augmentation_features, "features of the unet augmentation");
  list.add("--unchanged-share", o.unchanged_share,
           "share of the synthetic images that the augmentation leaves as they are, for scanners "
           "unlike the real images'")
      .range(Range::below(0, 1))
      .in_checkpoint();
  list.add("--theta-start", o.theta_start,
           "starting values of learned parameters; of one with several elements all, or one as in "
           "mean[2]=0.5");
  list.add(
      "--theta-origin", o.theta_origin,
      "start of an intensity prior: the class statistics of the real images, or the generative "
      "model's own ranges, as with --simulate-real");
  list.add("--simulate-real", o.simulated_theta,
           "real images are synthetic ones with these parameters: the run has a known answer");
}

void describe_loss(TrainingOptions& o, OptionList& list) {
  list.heading("Loss");
  list.add("--loss", o.loss,
           "logit-mse, dice, cross-entropy or a sum such as dice+0.2*cross-entropy")
      .in_checkpoint();
  list.add("--real-loss", o.real_loss, "loss on real images, if another");
  list.add("--dice-smoothing", o.dice_smoothing,
           "smoothing of Dice as a share of the voxels; 0: 1 / classes")
      .range(Range::not_negative());
  list.add("--dice-over-batch", o.dice_over_batch,
           "Dice of a batch as of one image, for classes that few patches contain");
  list.add("--skip-absent-classes", o.skip_absent_classes, "leave absent classes out of Dice");
}

void describe_optimisation(TrainingOptions& o, OptionList& list) {
  list.heading("Optimisation");
  describe(o.optimiser, list, "", "of the network", "optimiser");
  list.add("--schedule", o.schedule, "how both learning rates change during the run");
  list.add("--warmup-steps", o.warmup_steps, "linear warm-up of both learning rates")
      .unit("steps")
      .range(Range::not_negative());
  list.add("--final-rate", o.final_rate, "share of the rate at the end of a cosine")
      .range(Range::closed(0, 1));
}

void describe_hypergradient(TrainingOptions& o, OptionList& list) {
  list.heading("Learning the augmentation");
  describe(o.theta_optimiser, list, "theta-", "of the learned parameters", "theta_optimiser");
  list.add("--theta-rate-unit", o.theta_rate_unit,
           "their learning rate is measured in the deviation of each one's prior (0.1 where it has "
           "none), so that parameters of different scales learn alike, or in its own unit")
      .in_checkpoint();
  describe(o.hypergradient, list);
  list.add("--alpha", o.alpha, "factor of the real loss in the hypergradient")
      .range(Range::positive());
  list.add("--prior-weight", o.prior_weight,
           "weight of the parameters' Gaussian priors around their start, such as the statistics "
           "of the scans")
      .range(Range::not_negative());
  list.add("--theta-delay", o.theta_delay, "the parameters stay as they are before this step")
      .unit("steps")
      .range(Range::not_negative());
  list.add("--theta-until", o.theta_until,
           "from this step on they stay as they are; 0: they move to the end")
      .unit("steps")
      .range(Range::not_negative());
  list.add("--theta-every", o.theta_every, "in between they move at every so many steps")
      .unit("steps")
      .range(Range::at_least(1))
      .in_checkpoint();
  list.add("--theta-patience", o.theta_patience,
           "they go back to their best and stay there once the mean loss of the real images over "
           "100 hypergradients has been above its lowest, by more than two standard errors, for so "
           "many hundreds in a row; 0: they move to the end")
      .range(Range::not_negative())
      .in_checkpoint();
  list.add("--inner-steps", o.inner_steps, "synthetic steps per hypergradient")
      .range(Range::at_least(1))
      .in_checkpoint();
  list.add("--synthetic-batches", o.synthetic_batches, "batches averaged per synthetic step")
      .range(Range::at_least(1))
      .in_checkpoint();
  list.add("--real-batches", o.real_batches, "real batches averaged per hypergradient")
      .range(Range::at_least(1))
      .in_checkpoint();
  list.add("--baseline-batches", o.baseline_batches,
           "synthetic batches whose mean loss is subtracted from the real one, so that parameters "
           "that are right stay; 0: the published hypergradient")
      .range(Range::not_negative())
      .in_checkpoint();
}

void describe_run(TrainingOptions& o, OptionList& list) {
  list.heading("Run");
  list.add("--batch-size", o.batch_size, "images per batch")
      .range(Range::at_least(1))
      .in_checkpoint();
  list.add("--precision", o.precision,
           "arithmetic of the passes (the difference passes are always full)")
      .may_change();
  list.add("--device", o.device, "cpu, cuda or cuda:N")
      .check(
          [&o] {
            return o.device.kind != ComputeDevice::Kind::kAuto && o.device.indices.size() < 2;
          },
          "must be cpu, cuda or cuda:N")
      .may_change();
  list.add("--average-decay", o.average_decay,
           "decay of the moving average of the weights; 0: no average")
      .range(Range::below(0, 1))
      .in_checkpoint();
  list.add("--steps", o.steps, "training steps").range(Range::at_least(1)).may_change();
  list.add("--time-limit-s", o.time_limit_s, "stop and save after so long; 0: no limit")
      .unit("seconds")
      .range(Range::not_negative())
      .may_change();
  list.add("--checkpoint-every", o.checkpoint_every, "distance of checkpoints")
      .unit("steps")
      .range(Range::at_least(1))
      .may_change();
  list.add("--validation-every", o.validation_every, "distance of validations; 0: never")
      .unit("steps")
      .range(Range::not_negative())
      .may_change();
  list.add("--validation-images", o.validation_images,
           "synthetic validation images, where no real image is set aside")
      .range(Range::at_least(1));
  list.add("--patience", o.patience, "validations without a better score before stopping; 0: any")
      .range(Range::not_negative())
      .may_change();
  list.add("--kept-weights", o.kept_weights,
           "weights of the model where a run validates: of the best score, or of the last step, so "
           "that the validation images choose nothing")
      .may_change();
  list.add("--random-seed", o.seed, "seed of everything random").in_checkpoint("seed");
}

}  // namespace

void describe(TrainingOptions& options, OptionList& list) {
  describe_data(options, list);
  describe(options.synthesis, list);
  describe_augmentation(options, list);
  describe_loss(options, list);
  describe_optimisation(options, list);
  describe_hypergradient(options, list);
  describe_run(options, list);
}

std::vector<std::string> TrainingOptions::check() const {
  auto described = *this;
  OptionList list;
  describe(described, list);
  auto violations = list.violations(OptionSpelling::kField);
  const auto append = [&](const std::vector<std::string>& more, const std::string& prefix) {
    for (const auto& sentence : more) violations.push_back(prefix + sentence);
  };
  const auto require = [&](bool holds, const char* sentence) {
    if (!holds) violations.emplace_back(sentence);
  };
  append(synthesis.contradictions(), "");
  append(optimiser.contradictions(), "optimiser: ");
  append(theta_optimiser.contradictions(), "theta optimiser: ");
  append(hypergradient.contradictions(), "hypergradient: ");
  require(!data.empty(), "--data is missing: a file of hypersynth-pack");
  require(!output.empty(), "--output is missing: a folder");
  require(method != TrainingMethod::kFineTune || !initial_model.empty(),
          "finetune needs --initial-model");
  require(!frozen_norm || !initial_model.empty(), "frozen norm needs --initial-model");
  require(!frozen_norm || norm == Norm::kBatch, "frozen norm needs batch norm");
  const bool learns = method == TrainingMethod::kLearn2Synth;
  require(!learns || augmentation != "none", "learn2synth needs --augmentation");
  require(!learns || hypergradient.mode != HypergradientMode::kNone,
          "learn2synth learns nothing with --hypergradient none; to keep the parameters as they "
          "start, give a --theta-delay of more than --steps");
  require(!learns || theta_until == 0 || theta_until > theta_delay,
          "--theta-until must come after --theta-delay");
  try {
    parts_of_augmentation(augmentation, unchanged_share);
  } catch (const std::invalid_argument& problem) {
    violations.push_back(std::string("--augmentation: ") + problem.what());
  }
  require(network != PoolUnetOptions::kName || norm != Norm::kInstance,
          "pool-unet has no instance norm");
  require(precision != Precision::kFloat16 || device.kind != ComputeDevice::Kind::kCpu,
          "fp16 needs --device cuda; on a CPU take bf16");
  require(patience == 0 || validation_every > 0, "patience needs validation_every");
  return violations;
}

OptimiserOptions TrainingOptions::learning_theta() {
  OptimiserOptions options;
  options.learning_rate = 1e-2;
  return options;
}

NetworkChoice TrainingOptions::network_choice(std::int64_t classes) const {
  return {synthesis.dimensions(), classes, levels, features, norm};
}

std::string TrainingOptions::fingerprint() const {
  auto described = *this;
  if (method != TrainingMethod::kLearn2Synth) {
    // Nothing that only hypergradients read keeps a run from going on: as version 0.1.0 had it.
    described.theta_optimiser = OptimiserOptions();
    described.theta_rate_unit = ThetaRateUnit::kOne;
    described.hypergradient = HypergradientOptions();
    described.hypergradient.outer_decay = 0;
    described.theta_every = 1;
    described.theta_patience = 0;
    described.baseline_batches = 0;
  }
  OptionList list;
  describe(described, list);
  return list.checkpoint_json();
}

std::string TrainingOptions::other_choices() const {
  auto described = *this;
  OptionList list;
  describe(described, list);
  return list.other_choices_json();
}

double TrainingOptions::rate_share(std::int64_t step) const {
  double share = 1;
  if (schedule == Schedule::kCosine) {
    const double done = std::min(1.0, static_cast<double>(step) / static_cast<double>(steps));
    share = final_rate + (1 - final_rate) * 0.5 * (1 + std::cos(done * 3.14159265358979323846));
  }
  if (step < warmup_steps)
    share *= static_cast<double>(step + 1) / static_cast<double>(warmup_steps);
  return share;
}

}  // namespace hypersynth
