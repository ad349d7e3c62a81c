// One training step of the default kind of network: plain, exact hypergradient, central difference.
// Prints CPU seconds per step (all threads) and the peak of the resident memory in MB. One
// configuration per process, so that the peak is its own; engine_training.py runs them all beside
// the same step in PyTorch.
//
//   engine_training_bench SIDExSIDE[xSIDE] {plain,exact,central-difference,synthesis} STEPS
//   [DEVICE]

#include <chrono>
#include <cstdio>
#include <string>

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <sys/resource.h>

#include "engine/generative_model.h"
#include "engine/hypergradient.h"
#include "engine/pool_unet.h"

namespace hypersynth {
namespace {

constexpr int kClasses = 33;
constexpr int kIntensityClasses = 48;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

std::vector<std::int64_t> sides_of(const std::string& text) {
  std::vector<std::int64_t> sides;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('x', start), text.size());
    sides.push_back(std::stol(text.substr(start, end - start)));
    start = end + 1;
  }
  return sides;
}

LabelTable table() {
  std::vector<LabelTableRow> rows;
  for (std::int32_t i = 0; i < kIntensityClasses; ++i)
    rows.push_back({i, "structure " + std::to_string(i), i, i, i < kClasses ? i : 0});
  return LabelTable(rows, "bench");
}

struct Bench {
  Bench(const std::vector<std::int64_t>& sides, const std::string& device_name)
      : device(device_name), generator(at::globalContext().defaultGenerator(device).clone()) {
    generator.set_current_seed(1);
    synthesis.patch = sides;
    PoolUnetOptions options;
    options.dimensions = static_cast<int>(sides.size());
    options.levels = 3;
    options.out_channels = kClasses;
    network = std::make_unique<PoolUnet>(options);
    AugmentationOptions augmentation_options;
    augmentation_options.dimensions = options.dimensions;
    augmentation = make_augmentation("noise", augmentation_options);
    auto cpu = at::globalContext().defaultGenerator(at::kCPU).clone();
    cpu.set_current_seed(2);
    phi = network->initial_parameters(cpu).to(device);
    buffers = network->initial_buffers().to(device);
    theta = augmentation->initial_theta(cpu).to(device);
    loss.terms = parse_loss("dice+0.2*cross-entropy");
    std::vector<std::int64_t> image_size{1, 1};
    std::vector<std::int64_t> label_size{1};
    for (const auto side : sides) {
      image_size.push_back(side);
      label_size.push_back(side);
    }
    const auto labels = [&] {
      return at::randint(0, kClasses, label_size, at::TensorOptions(at::kLong).device(device));
    };
    const auto image = [&] {
      return at::rand(image_size, generator, at::TensorOptions(at::kFloat).device(device));
    };
    batch.synthetic.image = image();
    batch.synthetic.reference = labels();
    batch.synthetic.reference_classes = kClasses;
    batch.draws = augmentation->draw(batch.synthetic, generator);
    real = {image(), labels()};
  }

  void step(const std::string& mode) {
    HypergradientOptions options;
    options.mode = mode == "plain" ? HypergradientMode::kNone : parse_hypergradient_mode(mode);
    const InnerProblem problem(*network, *augmentation, loss);
    const NormStatistics norm{network->buffers().views(buffers), true};
    const auto result = BilevelStep(problem, loss, OptimiserOptions(), options)
                            .run(phi, state, theta, {{{batch}}, {real}}, 1e-3, norm);
    phi = result.parameters;
    state = result.state;
    result.synthetic_loss.item<double>();  // waits for the device
  }

  void synthesise() {
    const GenerativeModel model(synthesis, table(), device);
    const auto rows = at::randint(0, kIntensityClasses, {160, 192, 160},
                                  at::TensorOptions(at::kByte).device(device));
    const auto made = model.synthesise({{rows, {{{0, 160}, {0, 192}, {0, 160}}}}}, generator);
    made.image.sum().item<double>();
  }

  at::Device device;
  at::Generator generator;
  SynthesisOptions synthesis;
  std::unique_ptr<PoolUnet> network;
  std::unique_ptr<Augmentation> augmentation;
  LossOptions loss;
  at::Tensor phi, buffers, theta;
  OptimiserState state;
  InnerBatch batch;
  OuterBatch real;
};

}  // namespace
}  // namespace hypersynth

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: %s SIDExSIDE[xSIDE] MODE STEPS [DEVICE]\n", argv[0]);
    return 64;
  }
  const std::string mode = argv[2];
  const int steps = std::stoi(argv[3]);
  hypersynth::Bench bench(hypersynth::sides_of(argv[1]), argc > 4 ? argv[4] : "cpu");
  const auto run = [&] { mode == "synthesis" ? bench.synthesise() : bench.step(mode); };
  run();
  const double cpu = hypersynth::cpu_seconds();
  const double wall = hypersynth::wall_seconds();
  for (int i = 0; i < steps; ++i) run();
  std::printf("%.4f %.4f %.0f\n", (hypersynth::cpu_seconds() - cpu) / steps,
              (hypersynth::wall_seconds() - wall) / steps, hypersynth::peak_mb());
  return 0;
}
