#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/bilevel/hypergradient_options.h"
#include "engine/bilevel/loss_options.h"
#include "engine/bilevel/optimiser_options.h"
#include "engine/model/network_tensors.h"
#include "engine/networks/network_choices.h"
#include "engine/synthesis/synthesis_options.h"
#include "options/compute_device.h"

namespace hypersynth {

/// How a run trains.
enum class TrainingMethod {
  kSynthSeg,     ///< synthetic images, fixed augmentation
  kLearn2Synth,  ///< synthetic images; real ones steer the augmentation by hypergradients
  kSupervised,   ///< real images
  kMixed,        ///< synthetic and real images in equal parts
  kFineTune,     ///< real images, from a trained model
};

template <>
struct Choices<TrainingMethod> {
  static constexpr Choice<TrainingMethod> kAll[] = {{TrainingMethod::kSynthSeg, "synthseg"},
                                                    {TrainingMethod::kLearn2Synth, "learn2synth"},
                                                    {TrainingMethod::kSupervised, "supervised"},
                                                    {TrainingMethod::kMixed, "mixed"},
                                                    {TrainingMethod::kFineTune, "finetune"}};
};

/// How both learning rates change during a run.
enum class Schedule {
  kConstant,
  kCosine,  ///< half a period of a cosine, down to `final_rate`
};

template <>
struct Choices<Schedule> {
  static constexpr Choice<Schedule> kAll[] = {{Schedule::kConstant, "constant"},
                                              {Schedule::kCosine, "cosine"}};
};

/// Which weights a run that validates leaves.
enum class KeptWeights {
  kBest,  ///< of the best validation score
  kLast,  ///< of the last step: a score of the same validation images is then no selection
};

template <>
struct Choices<KeptWeights> {
  static constexpr Choice<KeptWeights> kAll[] = {{KeptWeights::kBest, "best"},
                                                 {KeptWeights::kLast, "last"}};
};

/// Where an intensity prior starts.
enum class ThetaOrigin {
  kReal,   ///< class statistics of the real images, where there are any
  kPrior,  ///< the generative model's own ranges
};

template <>
struct Choices<ThetaOrigin> {
  static constexpr Choice<ThetaOrigin> kAll[] = {{ThetaOrigin::kReal, "real"},
                                                 {ThetaOrigin::kPrior, "prior"}};
};

/// What a learned parameter's learning rate is measured in.
enum class ThetaRateUnit {
  kPrior,  ///< the deviation of its prior: parameters of different scales learn alike
  kOne,    ///< the parameter's own unit
};

template <>
struct Choices<ThetaRateUnit> {
  static constexpr Choice<ThetaRateUnit> kAll[] = {{ThetaRateUnit::kPrior, "prior"},
                                                   {ThetaRateUnit::kOne, "one"}};
};

/// Everything that decides a training run. `describe` says of each what it means, its unit and its
/// range; the initialisers here are the only defaults.
struct TrainingOptions {
  TrainingMethod method = TrainingMethod::kSynthSeg;
  std::string data;           ///< file of hypersynth-pack
  std::string output;         ///< folder of checkpoint, model and log
  std::string initial_model;  ///< model file to start from; empty: fresh weights
  bool resume = true;         ///< go on from a checkpoint in `output`, if there is one

  /// The defaults are the network of the default model, which `hypersynth` runs.
  std::string network = "pool-unet";  ///< a name of the registry, see model/architecture.h
  int levels = 5;
  std::int64_t features = 16;
  Norm norm = Norm::kBatch;
  bool frozen_norm = false;

  SynthesisOptions synthesis;
  std::string augmentation = "none";  ///< see make_augmentation; none: synthetic images as they are
  std::int64_t augmentation_features = 16;
  double unchanged_share = 0;
  std::map<std::string, double> theta_start;  ///< by parameter name
  ThetaOrigin theta_origin = ThetaOrigin::kReal;
  /// Real images are synthetic ones with these augmentation parameters: the run has a known answer.
  std::map<std::string, double> simulated_theta;

  LossFormula loss{"dice+0.2*cross-entropy"};
  LossFormula real_loss;      ///< no terms: as `loss`
  double dice_smoothing = 0;  ///< share of the voxels; 0: 1 / classes
  bool dice_over_batch = false;
  bool skip_absent_classes = false;

  OptimiserOptions optimiser;
  Schedule schedule = Schedule::kConstant;
  std::int64_t warmup_steps = 0;
  double final_rate = 0.02;

  OptimiserOptions theta_optimiser = learning_theta();
  ThetaRateUnit theta_rate_unit = ThetaRateUnit::kPrior;
  HypergradientOptions hypergradient;
  double alpha = 1;
  double prior_weight = 0;
  std::int64_t theta_delay = 0;
  std::int64_t theta_until = 0;
  std::int64_t theta_every = 1;
  std::int64_t theta_patience = 3;
  int inner_steps = 1;
  int synthetic_batches = 1;
  int real_batches = 1;
  int baseline_batches = 1;

  int batch_size = 1;
  Precision precision = Precision::kFull;       ///< never of the difference passes
  ComputeDevice device = ComputeDevice::cpu();  ///< kAuto is a violation: a run names its device
  double average_decay = 0;
  std::int64_t steps = 1000;
  double time_limit_s = 0;
  std::int64_t checkpoint_every = 500;
  std::int64_t validation_every = 0;
  int validation_images = 8;
  int patience = 0;
  KeptWeights kept_weights = KeptWeights::kBest;
  std::uint64_t seed = 1;

  static OptimiserOptions learning_theta();
  /// Of a network of so many classes.
  NetworkChoice network_choice(std::int64_t classes) const;
  /// Every violation, one sentence each.
  std::vector<std::string> check() const;
  /// The choices that a checkpoint must share with the run that goes on from it, as JSON.
  std::string fingerprint() const;

  /// The other options that a run which goes on must have in common with its checkpoint, as JSON.
  std::string other_choices() const;
  /// Learning rates of a step, as a share of the optimisers'.
  double rate_share(std::int64_t step) const;
};

/// All options of a training run, as hypersynth-train takes them. A checkpoint records some of them
/// by name; of one that it lacks, checkpoint.cpp knows what runs did before there was that option.
void describe(TrainingOptions& options, OptionList& list);

}  // namespace hypersynth
