#include <cerrno>
#include <chrono>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <random>

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/full.h>
#include <c10/core/GradMode.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>

#include "core/descriptor.h"
#include "core/error.h"
#include "core/random.h"
#include "engine/training/batch_source.h"
#include "engine/training/checkpoint.h"
#include "engine/training/kept_memory.h"
#include "engine/training/metrics_log.h"
#include "engine/training/step_report.h"
#include "engine/training/torch_errors.h"
#include "engine/training/training.h"
#include "engine/training/training_data.h"
#include "engine/training/training_setup.h"
#include "engine/training/validation.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr double kUnitWithoutPrior = 0.1;

bool uses_synthetic(TrainingMethod method) {
  return method != TrainingMethod::kSupervised && method != TrainingMethod::kFineTune;
}

/// CPU time of all threads of this process.
double process_cpu_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// The folder of a run, which is made where it is missing and held as long as this lives.
class RunFolder {
 public:
  explicit RunFolder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error || !fs::is_directory(folder))
      throw Error(ExitCode::kCannotCreateOutput, folder.string() + ": cannot be created");
    lock_ = FileDescriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock_.get() >= 0 && ::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
      throw Error(ExitCode::kCannotCreateOutput,
                  folder.string() + ": another run trains in this folder");
    // What a run left half-written that was killed.
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().filename().string().rfind(".hypersynth-", 0) == 0)
        fs::remove(entry.path(), error);
    }
  }

 private:
  FileDescriptor lock_;
};

class Trainer {
 public:
  Trainer(const TrainingOptions& options, const Log& log);
  TrainingResult run(const std::function<bool()>& interrupted);

 private:
  bool simulated() const { return !options_.simulated_theta.empty(); }
  bool steers(std::int64_t step) const {
    return options_.method == TrainingMethod::kLearn2Synth && !state_.progress.resting &&
           step >= options_.theta_delay &&
           (options_.theta_until == 0 || step < options_.theta_until) &&
           (step - options_.theta_delay) % options_.theta_every == 0;
  }
  bool needs_real() const { return options_.method != TrainingMethod::kSynthSeg && !simulated(); }
  RunChoices make_choices() const;
  void start();
  StepReport step();
  StepReport synthetic_step(std::mt19937_64& random, double rate);
  StepReport real_step(std::mt19937_64& random, double rate);
  NormStatistics norm_statistics() const {
    return {network_->buffers().views(state_.buffers), !options_.frozen_norm};
  }
  void move_theta(const at::Tensor& hypergradient);
  void rest_theta_past_best(const at::Tensor& real_loss);
  void average();
  void report(const StepReport& report);
  void save();
  void validate();
  /// Whether the score has not risen for too long.
  bool has_lost_patience() const {
    return options_.patience > 0 && state_.validations_since_best >= options_.patience;
  }
  double elapsed_s() const {
    return std::chrono::duration<double>(Clock::now() - started_).count() + earlier_s_;
  }
  double cpu_s() const { return process_cpu_s() - started_cpu_s_ + earlier_cpu_s_; }

  TrainingOptions options_;
  const Log& log_;
  fs::path output_;
  std::optional<RunFolder> folder_;
  PackedData packed_;
  at::Device device_;
  GenerativeModel model_;
  TrainingData data_;
  std::unique_ptr<Network> network_;
  std::unique_ptr<Augmentation> augmentation_;
  LossOptions loss_, real_loss_;
  OptimiserOptions optimiser_, theta_optimiser_;
  HypergradientOptions hypergradient_;
  Precision precision_;
  InnerProblem problem_;
  at::Generator generator_;
  std::optional<BatchSource> batches_;
  at::Tensor start_theta_, lower_, upper_, prior_deviation_, theta_scale_;
  RunChoices choices_;
  TrainingState state_;
  std::optional<MetricsLog> metrics_;
  Clock::time_point started_;
  double earlier_s_ = 0;
  double started_cpu_s_ = 0, earlier_cpu_s_ = 0;
};

/// All patches have one size, so a GPU's search for the fastest convolution is made once. Scans
/// that are segmented afterwards have many sizes.
class CudnnSearch {
 public:
  CudnnSearch() { at::globalContext().setBenchmarkCuDNN(true); }
  ~CudnnSearch() { at::globalContext().setBenchmarkCuDNN(before_); }
  CudnnSearch(const CudnnSearch&) = delete;
  CudnnSearch& operator=(const CudnnSearch&) = delete;

 private:
  bool before_ = at::globalContext().benchmarkCuDNN();
};

/// The loss of real images, whose references need not draw all that the network segments.
LossOptions make_real_loss(const TrainingOptions& options, const TrainingData& data) {
  auto loss = make_loss(options, options.real_loss.terms.empty() ? options.loss : options.real_loss,
                        data.has_ignored_voxels());
  loss.undrawn_classes = data.undrawn_classes();
  return loss;
}

/// Calls `body`, in which a smaller patch would not save memory that is short.
template <typename Body>
auto without_patches(const char* what, const Body& body) -> decltype(body()) {
  try {
    return with_own_errors(body);
  } catch (const OutOfMemory& shortage) {
    throw Error(ExitCode::kTryAgain,
                std::string(what) + " need more memory than there is: " + shortage.what());
  }
}

TrainingOptions checked(const TrainingOptions& options) {
  check_options(options);
  return options;
}

Trainer::Trainer(const TrainingOptions& options, const Log& log)
    : options_(checked(options)),
      log_(log),
      output_(options.output),
      packed_(PackedData::open(options.data)),
      device_(make_device(options.device)),
      model_(on_spacing(options.synthesis, packed_.spacing_mm()), packed_.table(), device_),
      data_(packed_, options.synthesis, device_, uses_synthetic(options.method) || simulated(),
            needs_real()),
      network_(make_network(options, model_.class_count())),
      augmentation_(make_augmentation(options, model_.intensity_class_count())),
      loss_(make_loss(options, options.loss, false)),
      real_loss_(make_real_loss(options, data_)),
      optimiser_(options.optimiser),
      theta_optimiser_(options.theta_optimiser),
      hypergradient_(options.hypergradient),
      precision_(options.precision),
      problem_(*network_, *augmentation_, loss_),
      generator_(at::globalContext().defaultGenerator(device_).clone()) {
  start();
}

void Trainer::start() {
  if (options_.validation_every > 0 && data_.validation_images().empty() &&
      data_.validation_maps().empty())
    throw InputError(packed_.path(), "volumes set aside for validation", "none");
  lower_ = augmentation_->lower_bounds().to(device_);
  upper_ = augmentation_->upper_bounds().to(device_);
  prior_deviation_ = augmentation_->prior_deviations().to(device_);
  theta_scale_ = prior_deviation_.masked_fill(prior_deviation_.isinf(), kUnitWithoutPrior);
  auto start_generator = at::globalContext().defaultGenerator(at::kCPU).clone();
  start_generator.set_current_seed(stream_seed(options_.seed, "start"));
  auto phi = network_->initial_parameters(start_generator);
  auto buffers = network_->initial_buffers();
  auto theta = augmentation_->initial_theta(start_generator);
  at::Tensor true_theta;
  if (simulated())
    true_theta = theta_with(*augmentation_, theta, options_.simulated_theta).to(device_);
  batches_.emplace(data_, model_, *augmentation_, options_.batch_size, true_theta);
  if (options_.theta_origin == ThetaOrigin::kReal && needs_real() && !data_.real_images().empty())
    set_intensity_prior(*augmentation_, packed_.table(),
                        class_statistics(data_.real_images(), model_.class_count()), theta);
  theta = theta_with(*augmentation_, theta, options_.theta_start);
  start_theta_ = theta.to(device_);
  choices_ = make_choices();
  const auto kept = output_ / "checkpoint.safetensors";
  const bool goes_on = options_.resume && fs::exists(kept);
  if (!goes_on && !options_.initial_model.empty())
    read_weights(options_.initial_model, *network_, packed_.table(), packed_.spacing_mm(), phi,
                 buffers);
  folder_.emplace(output_);
  const auto checkpoint =
      options_.resume ? read_checkpoint(kept.string(), choices_, device_) : std::nullopt;
  if (checkpoint) {
    state_ = *checkpoint;
    earlier_s_ = state_.elapsed_s;
    earlier_cpu_s_ = state_.cpu_s;
    log_.info("going on from step " + std::to_string(state_.step));
  } else {
    state_.phi = phi.to(device_);
    state_.buffers = buffers.to(device_);
    state_.theta = theta.to(device_);
    if (options_.average_decay > 0) {
      state_.average_phi = state_.phi.clone();
      state_.average_buffers = state_.buffers.clone();
    }
  }
  metrics_.emplace((output_ / "training.jsonl").string(), state_.step);
}

RunChoices Trainer::make_choices() const {
  auto volumes = nlohmann::json::array();
  for (const auto* list : {&packed_.label_maps(), &packed_.real_images()}) {
    for (const auto& volume : *list)
      volumes.push_back({volume.name, volume.shape, volume.box, volume.validation});
  }
  auto others = nlohmann::json::parse(options_.other_choices());
  others["volumes of --data, digest"] = std::to_string(std::hash<std::string>()(
      format_label_table(packed_.table()) + std::to_string(packed_.spacing_mm()) + volumes.dump()));
  return {options_.fingerprint(), others.dump()};
}

StepReport Trainer::step() {
  const auto number = std::to_string(state_.step);
  std::mt19937_64 random(stream_seed(options_.seed, "choice/" + number));
  generator_.set_current_seed(stream_seed(options_.seed, "draws/" + number));
  const double rate = optimiser_.learning_rate * options_.rate_share(state_.step);
  auto report = uses_synthetic(options_.method) && options_.method != TrainingMethod::kMixed
                    ? synthetic_step(random, rate)
                    : real_step(random, rate);
  average();
  ++state_.step;
  report.step = state_.step;
  report.learning_rate = rate;
  report.elapsed_s = elapsed_s();
  report.cpu_s = cpu_s();
  report.theta = state_.theta;
  return report;
}

StepReport Trainer::synthetic_step(std::mt19937_64& random, double rate) {
  auto hypergradient = hypergradient_;
  if (!steers(state_.step)) hypergradient.mode = HypergradientMode::kNone;
  const bool steering = hypergradient.mode != HypergradientMode::kNone;
  BilevelBatches batches;
  for (int k = 0; k < options_.inner_steps; ++k) {
    batches.inner.emplace_back();
    for (int s = 0; s < options_.synthetic_batches; ++s)
      batches.inner.back().push_back(batches_->inner(random, generator_));
  }
  for (int r = 0; steering && r < options_.real_batches; ++r)
    batches.outer.push_back(batches_->real(random, generator_));
  for (int b = 0; steering && b < options_.baseline_batches; ++b)
    batches.baseline.push_back(batches_->synthetic(state_.theta, random, generator_));
  const auto norm = norm_statistics();
  const auto result =
      BilevelStep(problem_, real_loss_, optimiser_, hypergradient, precision_)
          .run(state_.phi, state_.phi_state, state_.theta, batches, rate, norm, state_.outer);
  state_.phi = result.parameters;
  state_.phi_state = result.state;
  if (steering) state_.outer = result.outer;
  if (steering) {
    move_theta(result.hypergradient);
    if (options_.theta_patience > 0) rest_theta_past_best(result.real_loss);
  }
  StepReport report;
  report.synthetic_loss = result.synthetic_loss;
  report.real_loss = result.real_loss;
  report.baseline_loss = result.baseline_loss;
  report.hypergradient = result.hypergradient;
  if (steering) report.signal_to_noise = state_.hypergradients.signal_to_noise();
  return report;
}

StepReport Trainer::real_step(std::mt19937_64& random, double rate) {
  const auto norm = norm_statistics();
  StepReport report;
  auto real = real_gradient(*network_, real_loss_, state_.phi, batches_->real(random, generator_),
                            norm, precision_);
  auto gradient = real.flat;
  report.real_loss = real.loss;
  if (options_.method == TrainingMethod::kMixed) {
    const auto synthetic = problem_.gradient(
        state_.phi, state_.theta, batches_->inner(random, generator_), false, norm, precision_);
    gradient = (gradient + synthetic.flat) * 0.5;
    report.synthetic_loss = synthetic.loss;
  }
  const auto update = optimiser_step(optimiser_, rate, state_.phi, gradient, state_.phi_state);
  state_.phi = update.parameters;
  state_.phi_state = update.state;
  return report;
}

void Trainer::move_theta(const at::Tensor& hypergradient) {
  state_.hypergradients.add(hypergradient);
  auto gradient = hypergradient * options_.alpha;
  if (options_.prior_weight > 0)
    gradient = gradient +
               (state_.theta - start_theta_) / prior_deviation_.square() * options_.prior_weight;
  const double rate = theta_optimiser_.learning_rate * options_.rate_share(state_.step);
  const auto update =
      optimiser_step(theta_optimiser_, rate, state_.theta, gradient, state_.theta_state);
  auto move = update.parameters - state_.theta;
  if (options_.theta_rate_unit == ThetaRateUnit::kPrior) move = move * theta_scale_;
  state_.theta = at::clamp(state_.theta + move, lower_, upper_);
  state_.theta_state = update.state;
}

void Trainer::rest_theta_past_best(const at::Tensor& real_loss) {
  auto& progress = state_.progress;
  progress.add(real_loss, state_.theta);
  if (progress.windows_above < options_.theta_patience) return;
  state_.theta = progress.best_theta;
  progress.resting = true;
  log_.info("step " + std::to_string(state_.step + 1) +
            ": the loss of the real images has risen above its lowest mean, " +
            std::to_string(progress.best_loss) +
            "; the learned parameters go back to what they were there, and stay");
}

void Trainer::average() {
  if (options_.average_decay <= 0) return;
  // Short at first, so that the start is soon forgotten.
  const auto n = static_cast<double>(state_.step);
  const double keep = std::min(options_.average_decay, (1 + n) / (10 + n));
  state_.average_phi = state_.average_phi * keep + state_.phi * (1 - keep);
  // Of equal values the average is not quite that value.
  if (!options_.frozen_norm)
    state_.average_buffers = state_.average_buffers * keep + state_.buffers * (1 - keep);
}

void Trainer::report(const StepReport& report) {
  metrics_->write(log_line(report, augmentation_->layout()));
  if (is_finite(report)) return;
  throw Error(ExitCode::kInternal,
              "step " + std::to_string(report.step) +
                  ": the loss is not finite; the last good checkpoint is kept in " +
                  output_.string());
}

void Trainer::save() {
  const auto finite = [](const at::Tensor& values) {
    return !values.defined() || values.isfinite().all().item<bool>();
  };
  if (!finite(state_.phi) || !finite(state_.buffers) || !finite(state_.average_buffers))
    throw Error(ExitCode::kInternal, "step " + std::to_string(state_.step) +
                                         ": the weights are not finite; the last good checkpoint "
                                         "is kept in " +
                                         output_.string());
  state_.elapsed_s = elapsed_s();
  state_.cpu_s = cpu_s();
  write_checkpoint((output_ / "checkpoint.safetensors").string(), state_, choices_);
  const bool best = state_.best_phi.defined() && options_.kept_weights == KeptWeights::kBest;
  // Checkpoints of version 0.1.0 have the best weights without their step and parameters.
  const bool best_is_known = best && state_.best_theta.defined();
  const bool averaged = state_.average_phi.defined();
  write_model((output_ / "model.safetensors").string(), options_, *network_, packed_.table(),
              packed_.spacing_mm(),
              best       ? state_.best_phi
              : averaged ? state_.average_phi
                         : state_.phi,
              best       ? state_.best_buffers
              : averaged ? state_.average_buffers
                         : state_.buffers,
              training_facts(options_, best_is_known ? state_.best_step : state_.step,
                             static_cast<std::int64_t>(data_.real_images().size()), *augmentation_,
                             start_theta_, best_is_known ? state_.best_theta : state_.theta));
}

void Trainer::validate() {
  const auto& phi = state_.average_phi.defined() ? state_.average_phi : state_.phi;
  const auto& buffers = state_.average_phi.defined() ? state_.average_buffers : state_.buffers;
  const auto& maps = data_.validation_maps();
  double score = 0;
  if (!data_.validation_images().empty())
    score = validation_score(*network_, phi, buffers, data_.validation_images());
  else
    score = validation_score(*network_, phi, buffers, maps, model_, options_.validation_images,
                             options_.seed, generator_);
  metrics_->write({{"step", state_.step}, {"validation_score", score}});
  log_.info("step " + std::to_string(state_.step) + ": validation score " + std::to_string(score));
  if (score > state_.best_score || !state_.best_phi.defined()) {
    state_.best_score = score;
    state_.best_phi = phi.clone();
    state_.best_buffers = buffers.clone();
    state_.best_theta = state_.theta.clone();
    state_.best_step = state_.step;
    state_.validations_since_best = 0;
  } else {
    ++state_.validations_since_best;
  }
}

TrainingResult Trainer::run(const std::function<bool()>& interrupted) {
  TrainingResult result;
  result.stopped_by = "all steps done";
  started_ = Clock::now();
  started_cpu_s_ = process_cpu_s();
  // Reading a loss waits for all that a GPU has queued: a GPU's steps are reported together.
  const std::size_t most_pending = device_.is_cpu() ? 1 : 16;
  std::vector<StepReport> pending;
  const auto flush = [&] {
    for (const auto& late : pending) report(late);
    pending.clear();
  };
  while (state_.step < options_.steps) {
    if (has_lost_patience()) {  // also of a run that has ended and is begun again
      result.stopped_by = "no better score";
      break;
    }
    if (interrupted && interrupted()) {
      result.stopped_by = "interrupted";
      break;
    }
    if (options_.time_limit_s > 0 && elapsed_s() - earlier_s_ >= options_.time_limit_s) {
      result.stopped_by = "time limit";
      break;
    }
    pending.push_back(step());
    const bool validates =
        options_.validation_every > 0 && state_.step % options_.validation_every == 0;
    const bool saves = state_.step % options_.checkpoint_every == 0;
    if (validates || saves || pending.size() >= most_pending) flush();
    if (validates) without_patches("whole images to validate on", [&] { validate(); });
    if (saves) save();
  }
  flush();
  save();
  result.steps = state_.step;
  result.validation_score = state_.best_score;
  const auto theta = augmentation_->layout().views(state_.theta.cpu());
  for (std::size_t i = 0; i < theta.size(); ++i) {
    if (theta[i].numel() == 1)
      result.theta[augmentation_->layout().specs()[i].name] = theta[i].item<double>();
  }
  return result;
}

}  // namespace

TrainingResult train(const TrainingOptions& options, const Log& log,
                     const std::function<bool()>& interrupted) {
  keep_freed_memory();
  const CudnnSearch search;
  std::optional<Trainer> trainer;
  without_patches("the volumes", [&] { trainer.emplace(options, log); });
  return with_own_errors([&] { return trainer->run(interrupted); });
}

}  // namespace hypersynth
