#include <atomic>
#include <csignal>
#include <iostream>

#include "core/error.h"
#include "engine/training/training.h"
#include "tools/command_line.h"
#include "tools/synthesis_arguments.h"

namespace hypersynth {
namespace {

std::atomic<bool> stop_asked{false};

void ask_to_stop(int /*signal*/) { stop_asked = true; }

void add_optimiser(CommandLine& line, const std::string& prefix, OptimiserChoice& choice,
                   const std::string& of) {
  line.add(prefix + "optimiser", choice.kind, "optimiser " + of + ": sgd, adam or adamw");
  line.add(prefix + "learning-rate", choice.learning_rate, "learning rate " + of);
  line.add(prefix + "momentum", choice.momentum, "momentum of sgd " + of);
  line.add(prefix + "nesterov", choice.nesterov, "Nesterov momentum " + of);
  line.add(prefix + "weight-decay", choice.weight_decay, "weight decay " + of);
  line.add(prefix + "gradient-clip", choice.gradient_clip,
           "largest gradient norm " + of + "; 0: any");
}

void add_data(CommandLine& line, TrainingOptions& o, std::string& method) {
  line.heading("Data and network");
  line.add("method", method, "synthseg, learn2synth, supervised, mixed or finetune");
  line.add("data", o.data, "file written by hypersynth-pack");
  line.add("output", o.output,
           "folder of checkpoint.safetensors, model.safetensors, training.jsonl");
  line.add("initial-model", o.initial_model, "model file to start from");
  line.add("network", o.network, "pool-unet (the default model's), resize-unet or dilated");
  line.add("levels", o.levels, "resolutions of the network");
  line.add("features", o.features, "features of its finest level");
  line.add("norm", o.norm, "none, instance (resize-unet) or batch");
}

void add_learning(CommandLine& line, TrainingOptions& o) {
  line.heading("Learned augmentation (Learn2Synth)");
  line.add("augmentation", o.augmentation,
           "none, noise, noise-range, noise-bias, noise-range-bias, unet, intensity-prior, gamma, "
           "blur, deformation, or several joined by '+'");
  line.add("augmentation-features", o.augmentation_features, "features of the unet augmentation");
  line.add("theta-start", o.theta_start, "starting values of learned parameters, NAME=NUMBER");
  line.add("theta-from-real", o.theta_from_real, "start an intensity prior from the real images");
  line.add("simulate-real", o.simulated_theta,
           "real images are synthetic ones with these parameters, NAME=NUMBER");
  line.add("hypergradient", o.hypergradient, "exact, central-difference or neumann");
  line.add("difference-norm", o.difference_norm, "length of the finite step in the weights");
  line.add("alpha", o.alpha, "factor of the real loss in the hypergradient");
  line.add("prior-weight", o.prior_weight, "weight of the parameters' priors");
  line.add("theta-delay", o.theta_delay, "steps before the parameters move");
  line.add("inner-steps", o.inner_steps, "synthetic steps per hypergradient");
  line.add("synthetic-batches", o.synthetic_batches, "batches averaged per synthetic step");
  line.add("real-batches", o.real_batches, "real batches averaged per hypergradient");
  add_optimiser(line, "theta-", o.theta_optimiser, "of the learned parameters");
  line.add("theta-rate-by-prior", o.theta_rate_by_prior,
           "steps of each learned parameter in units of its prior's deviation");
}

void add_run(CommandLine& line, TrainingOptions& o) {
  line.heading("Optimisation");
  line.add("loss", o.loss,
           "logit-mse, dice, cross-entropy or a sum such as dice+0.2*cross-entropy");
  line.add("real-loss", o.real_loss, "loss on real images, if another");
  line.add("dice-smoothing", o.dice_smoothing,
           "smoothing of Dice as a share of the voxels; 0: 1 / classes");
  line.add("skip-absent-classes", o.skip_absent_classes, "leave absent classes out of Dice");
  add_optimiser(line, "", o.optimiser, "of the network");
  line.add("schedule", o.schedule, "constant or cosine, of both learning rates");
  line.add("warmup-steps", o.warmup_steps, "steps of linear warm-up");
  line.add("final-rate", o.final_rate, "share of the rate at the end of a cosine");
  line.add("batch-size", o.batch_size, "images per batch");
  line.add("precision", o.precision, "full, bf16 or fp16 (hypergradients are always full)");
  line.add("device", o.device, "cpu, cuda or cuda:N");
  line.add("average-decay", o.average_decay,
           "decay of the moving average of the weights; 0: no average");
  line.heading("Run");
  line.add("steps", o.steps, "training steps");
  line.add("time-limit-s", o.time_limit_s, "stop and save after so many seconds; 0: no limit");
  line.add("checkpoint-every", o.checkpoint_every, "steps between checkpoints");
  line.add("validation-every", o.validation_every, "steps between validations; 0: never");
  line.add("validation-images", o.validation_images, "synthetic validation images");
  line.add("patience", o.patience, "validations without a better score before stopping; 0: any");
  line.add("random-seed", o.seed, "seed of everything random");
}

int train_program(int argc, const char* const* argv) {
  TrainingOptions options;
  std::string method = "synthseg";
  bool restart = false;
  CommandLine line("hypersynth-train",
                   "Trains a segmentation network on synthetic images, real ones, or both.\n"
                   "A run that was stopped goes on from its last checkpoint. SIGTERM and SIGINT "
                   "write one and end\nwith exit code 130.");
  add_data(line, options, method);
  add_synthesis_arguments(line, options.synthesis);
  add_learning(line, options);
  add_run(line, options);
  line.add("restart", restart, "begin anew although there is a checkpoint");
  if (const auto code = line.parse(argc, argv, std::cout)) return *code;
  options.resume = !restart;
  try {
    options.method = parse_training_method(method);
  } catch (const std::invalid_argument& error) {
    throw Error(ExitCode::kUsage, error.what());
  }
  std::signal(SIGTERM, ask_to_stop);
  std::signal(SIGINT, ask_to_stop);
  const Log log([](LogLevel level, std::string_view message) {
    std::cerr << to_string(level) << ": " << message << '\n';
  });
  const auto result = train(options, log, [] { return stop_asked.load(); });
  std::cout << "steps\t" << result.steps << "\nstopped_by\t" << result.stopped_by << '\n';
  if (result.validation_score > 0)
    std::cout << "validation_score\t" << result.validation_score << '\n';
  for (const auto& [name, value] : result.theta) std::cout << name << '\t' << value << '\n';
  return result.stopped_by == "interrupted" ? static_cast<int>(ExitCode::kInterrupted) : 0;
}

}  // namespace
}  // namespace hypersynth

int main(int argc, char** argv) {
  return hypersynth::run_program("hypersynth-train",
                                 [&] { return hypersynth::train_program(argc, argv); });
}
