// What each hypergradient is on average where the learned parameters are right, while the network
// learns:
//
//   experiment_bias --data DATA.pack --output OUT.jsonl [--simulate-real NAME=VALUE...] [options of
//                   hypersynth-train] [--measure-at STEP...] [--repeats N] [--only ESTIMATOR...]
//
// The real images are synthetic ones of the true parameters, and theta stays at them (or at
// --theta-start); without --simulate-real they are those of the packed file, and theta stays at
// their class statistics. At each of the steps given, every estimator is drawn `--repeats` times
// from the network as it is then, with other images each time and the same for all estimators. A
// line of OUT.jsonl is one step and estimator: mean and standard error of each parameter's
// hypergradient, CPU seconds of one.

#include <algorithm>
#include <cmath>
#include <ctime>
#include <fstream>
#include <iostream>

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/random.h"
#include "engine/training/batch_source.h"
#include "engine/training/training_setup.h"
#include "tools/run_program.h"

namespace hypersynth {
namespace {

using Json = nlohmann::ordered_json;

struct Estimator {
  std::string name;
  HypergradientMode mode = HypergradientMode::kExact;
  int inner_steps = 1;
  int baseline_batches = 0;
  bool unit_gradient = false;  // the inner step is taken along g / |g|
  int real_batches = 1;
  int synthetic_batches = 1;  // of each inner step
};

std::vector<Estimator> estimators() {
  using Mode = HypergradientMode;
  std::vector<Estimator> result;
  for (const int baseline : {0, 1}) {
    const std::string suffix = baseline == 0 ? "" : " - baseline";
    result.push_back({"exact" + suffix, Mode::kExact, 1, baseline});
    result.push_back({"central-difference" + suffix, Mode::kCentralDifference, 1, baseline});
    result.push_back({"unit gradient" + suffix, Mode::kExact, 1, baseline, true});
    result.push_back({"4 steps" + suffix, Mode::kExact, 4, baseline});
    result.push_back({"16 steps" + suffix, Mode::kExact, 16, baseline});
    result.push_back({"neumann" + suffix, Mode::kNeumann, 1, baseline});
  }
  result.push_back({"4 outer batches - baseline", Mode::kExact, 1, 4, false, 4});
  result.push_back({"16 outer batches - baseline", Mode::kExact, 1, 16, false, 16});
  result.push_back({"4 inner batches - baseline", Mode::kExact, 1, 1, false, 1, 4});
  result.push_back({"4 of both - baseline", Mode::kExact, 1, 4, false, 4, 4});
  return result;
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Experiment {
  Experiment(const TrainingOptions& run, int repeated)
      : options(run),
        repeats(repeated),
        packed(PackedData::open(options.data)),
        model(on_spacing(options.synthesis, packed.spacing_mm()), packed.table(), at::kCPU),
        data(packed, options.synthesis, at::kCPU, true, options.simulated_theta.empty()),
        network(make_network(options, model.class_count())),
        augmentation(make_augmentation(options, model.intensity_class_count())),
        loss(make_loss(options, options.loss, false)),
        real_loss(make_loss(options, options.loss, data.has_ignored_voxels())),
        problem(*network, *augmentation, loss),
        generator(at::globalContext().defaultGenerator(at::kCPU).clone()) {}

  BilevelBatches batches(const BatchSource& source, const at::Tensor& theta,
                         const Estimator& estimator, const std::string& stream) {
    std::mt19937_64 random(stream_seed(options.seed, "choice/" + stream));
    generator.set_current_seed(stream_seed(options.seed, "draws/" + stream));
    BilevelBatches result;
    for (int r = 0; r < estimator.real_batches; ++r)
      result.outer.push_back(source.real(random, generator));
    for (int k = 0; k < estimator.inner_steps; ++k) {
      result.inner.emplace_back();
      for (int s = 0; s < estimator.synthetic_batches; ++s)
        result.inner.back().push_back(source.inner(random, generator));
    }
    for (int b = 0; b < estimator.baseline_batches; ++b)
      result.baseline.push_back(source.synthetic(theta, random, generator));
    return result;
  }

  Json measure(const Estimator& estimator, const BatchSource& source, const at::Tensor& phi,
               const OptimiserState& state, const at::Tensor& theta, std::int64_t step) {
    auto optimiser = options.optimiser;
    if (estimator.unit_gradient) optimiser.gradient_clip = 1e-3;
    HypergradientOptions hypergradient = options.hypergradient;
    hypergradient.mode = estimator.mode;
    const BilevelStep bilevel(problem, real_loss, optimiser, hypergradient);
    std::vector<at::Tensor> samples;
    const double start = cpu_seconds();
    for (int r = 0; r < repeats; ++r) {
      const auto stream = "measure/" + std::to_string(step) + "/" + std::to_string(r);
      const auto drawn = batches(source, theta, estimator, stream);
      samples.push_back(
          bilevel.run(phi, state, theta, drawn, rate_at(step)).hypergradient.to(at::kDouble));
    }
    const auto all = at::stack(samples);
    const auto mean = all.mean(0);
    const auto error = all.std(0) / std::sqrt(static_cast<double>(repeats));
    Json line{{"step", step},
              {"estimator", estimator.name},
              {"repeats", repeats},
              {"cpu_s", (cpu_seconds() - start) / repeats}};
    line["mean"] = by_name(mean);
    line["standard_error"] = by_name(error);
    return line;
  }

  double rate_at(std::int64_t step) const {
    return options.optimiser.learning_rate * options.rate_share(step);
  }

  Json by_name(const at::Tensor& flat) const {
    Json result = Json::object();
    const auto values = augmentation->layout().views(flat);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto list = values[i].reshape({-1});
      for (std::int64_t k = 0; k < list.size(0); ++k) {
        const auto& name = augmentation->layout().specs()[i].name;
        result[list.size(0) == 1 ? name : name + "[" + std::to_string(k) + "]"] =
            list[k].item<double>();
      }
    }
    return result;
  }

  void run(std::vector<std::int64_t> measured, const std::vector<std::string>& only,
           std::ostream& out) {
    auto start_generator = at::globalContext().defaultGenerator(at::kCPU).clone();
    start_generator.set_current_seed(stream_seed(options.seed, "start"));
    auto phi = network->initial_parameters(start_generator);
    const auto initial = augmentation->initial_theta(start_generator);
    at::Tensor truth;
    auto theta = initial;
    if (options.simulated_theta.empty()) {
      set_intensity_prior(*augmentation, packed.table(),
                          class_statistics(data.real_images(), model.class_count()), theta);
    } else {
      theta = truth = theta_with(*augmentation, initial, options.simulated_theta);
    }
    theta = theta_with(*augmentation, theta, options.theta_start);
    const BatchSource source(data, model, *augmentation, options.batch_size, truth);
    HypergradientOptions none;
    none.mode = HypergradientMode::kNone;
    const BilevelStep plain(problem, loss, options.optimiser, none);
    Estimator no_estimator;
    no_estimator.real_batches = 0;
    OptimiserState state;
    std::sort(measured.begin(), measured.end());
    std::int64_t step = 0;
    for (const auto next : measured) {
      double inner_loss = 0;
      for (; step < next; ++step) {
        const auto drawn = batches(source, theta, no_estimator, std::to_string(step));
        const auto after = plain.run(phi, state, theta, drawn, rate_at(step));
        phi = after.parameters;
        state = after.state;
        inner_loss = after.synthetic_loss.item<double>();
      }
      for (const auto& estimator : estimators()) {
        if (!only.empty() && std::find(only.begin(), only.end(), estimator.name) == only.end())
          continue;
        auto line = measure(estimator, source, phi, state, theta, step);
        line["loss"] = inner_loss;
        out << line.dump() << std::endl;
      }
    }
  }

  TrainingOptions options;
  int repeats;
  PackedData packed;
  GenerativeModel model;
  TrainingData data;
  std::unique_ptr<Network> network;
  std::unique_ptr<Augmentation> augmentation;
  LossOptions loss, real_loss;
  InnerProblem problem;
  at::Generator generator;
};

int bias_program(int argc, const char* const* argv) {
  TrainingOptions options;
  options.method = TrainingMethod::kLearn2Synth;
  std::vector<std::string> measured;
  std::vector<std::string> only;
  int repeats = 200;
  OptionList list;
  describe(options, list);
  list.add("--measure-at", measured, "steps after which hypergradients are drawn")
      .value_name("N...");
  list.add("--only", only, "these estimators").value_name("NAME...");
  list.add("--repeats", repeats, "hypergradients of each estimator").range(Range::at_least(2));
  CommandLine line("experiment_bias", "Mean hypergradients at known parameters.",
                   RepeatedOption::kLastWins);
  line.add(list);
  if (!read_command_line(line, argc, argv)) return 0;
  check_options(options);
  std::ofstream out(options.output);
  std::vector<std::int64_t> steps;
  for (const auto& text : measured) steps.push_back(std::stol(text));
  Experiment(options, repeats).run(steps, only, out);
  return out ? 0 : static_cast<int>(ExitCode::kIo);
}

}  // namespace
}  // namespace hypersynth

int main(int argc, char** argv) {
  return hypersynth::run_program("experiment_bias",
                                 [&] { return hypersynth::bias_program(argc, argv); });
}
