#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/synthesis/synthesis_options.h"

namespace hypersynth {

/// How a run trains.
enum class TrainingMethod {
  kSynthSeg,     // synthetic images, fixed augmentation
  kLearn2Synth,  // synthetic images; real ones steer the augmentation by hypergradients
  kSupervised,   // real images
  kMixed,        // synthetic and real images in equal parts
  kFineTune,     // real images, from a trained model
};

/// "synthseg", "learn2synth", "supervised", "mixed", "finetune"; throws std::invalid_argument that
/// names another word.
TrainingMethod parse_training_method(const std::string& text);
std::string to_string(TrainingMethod method);

/// An optimiser as given on the command line; see OptimiserOptions.
struct OptimiserChoice {
  std::string kind = "adam";  // sgd, adam, adamw
  double learning_rate = 1e-3;
  double momentum = 0;
  bool nesterov = false;
  double weight_decay = 0;
  double gradient_clip = 0;
};

/// Everything that decides a training run.
struct TrainingOptions {
  TrainingMethod method = TrainingMethod::kSynthSeg;
  std::string data;           // file of hypersynth-pack
  std::string output;         // folder of checkpoint, model and log
  std::string initial_model;  // model file to start from; empty: fresh weights
  bool resume = true;         // go on from a checkpoint in `output`, if there is one

  std::string network = "pool-unet";  // pool-unet, resize-unet, dilated
  int levels = 5;
  std::int64_t features = 16;  // of the finest level
  std::string norm = "batch";  // none, instance (resize-unet), batch

  SynthesisOptions synthesis;
  std::string augmentation = "none";  // see make_augmentation; none: synthetic images as they are
  std::int64_t augmentation_features = 16;
  std::map<std::string, double> theta_start;  // by parameter name
  /// Start an intensity prior from the class statistics of the real images.
  bool theta_from_real = false;
  /// Real images are synthetic ones with these augmentation parameters: the run has a known answer.
  std::map<std::string, double> simulated_theta;

  std::string loss = "dice+0.2*cross-entropy";
  std::string real_loss;      // empty: as `loss`
  double dice_smoothing = 0;  // share of the voxels; 0: 1 / classes
  bool skip_absent_classes = false;

  OptimiserChoice optimiser;
  std::string schedule = "constant";  // constant, cosine; of both learning rates
  std::int64_t warmup_steps = 0;      // linear, of the learning rate
  double final_rate = 0.02;           // share of the learning rate at the end of a cosine

  std::string hypergradient = "central-difference";  // exact, central-difference, neumann
  double difference_norm = 1e-3;
  OptimiserChoice theta_optimiser;
  /// Steps of each learned parameter in units of its prior's deviation: parameters of different
  /// scales then learn alike.
  bool theta_rate_by_prior = false;
  double alpha = 1;              // factor of the real loss
  double prior_weight = 0;       // of the parameters' Gaussian priors
  std::int64_t theta_delay = 0;  // first step that moves theta
  int inner_steps = 1;           // K, synthetic steps per step of theta
  int synthetic_batches = 1;     // averaged per synthetic step
  int real_batches = 1;          // averaged per hypergradient
  int batch_size = 1;

  std::string precision = "full";  // full, bf16, fp16 (never the difference passes)
  std::string device = "cpu";      // cpu, cuda, cuda:N
  double average_decay = 0;        // exponential moving average of the weights; 0: none
  std::int64_t steps = 1000;
  double time_limit_s = 0;  // 0: none
  std::int64_t checkpoint_every = 500;
  std::int64_t validation_every = 0;  // 0: never
  int validation_images = 8;          // synthetic ones, where no real image is set aside
  int patience = 0;                   // validations without a better score before stopping; 0: none
  std::uint64_t seed = 1;

  /// Every violation, one sentence each.
  std::vector<std::string> check() const;
  /// The choices that a checkpoint must share with the run that goes on from it, as JSON.
  std::string fingerprint() const;
  /// Learning rates of a step, as a share of the optimisers'.
  double rate_share(std::int64_t step) const;
};

}  // namespace hypersynth
