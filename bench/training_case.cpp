#include "training_case.h"

#include <stdexcept>

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>

#include "engine/networks/pool_unet.h"
#include "engine/networks/resize_unet.h"
#include "engine/synthesis/generative_model.h"

namespace hypersynth {
namespace {

constexpr int kClasses = 33;
constexpr int kIntensityClasses = 48;

std::unique_ptr<Network> make_network(const std::string& net, int dimensions) {
  if (net == "default") {
    PoolUnetOptions options;
    options.dimensions = dimensions;
    options.out_channels = kClasses;
    return std::make_unique<PoolUnet>(options);
  }
  if (net == "small") {
    ResizeUnetOptions options;
    options.dimensions = dimensions;
    options.out_channels = kClasses;
    return std::make_unique<ResizeUnet>(options);
  }
  throw std::invalid_argument("unknown network '" + net + "': choose from default, small");
}

at::Generator seeded(const at::Device& device, std::uint64_t seed) {
  auto generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(seed);
  return generator;
}

LabelTable random_table() {
  std::vector<LabelTableRow> rows;
  for (std::int32_t i = 0; i < kIntensityClasses; ++i)
    rows.push_back({i, "structure " + std::to_string(i), i, i, i < kClasses ? i : 0});
  return LabelTable(rows, "bench");
}

}  // namespace

TrainingCase::TrainingCase(const std::string& net, const std::vector<std::int64_t>& sides,
                           const std::string& device, at::ScalarType type, Precision precision)
    : device_(device),
      precision_(precision),
      network_(make_network(net, static_cast<int>(sides.size()))) {
  AugmentationOptions options;
  options.dimensions = network_->dimensions();
  augmentation_ = make_augmentation("noise", options);
  loss_.terms = parse_loss("dice+0.2*cross-entropy");
  at::globalContext().setBenchmarkCuDNN(true);  // as training does
  auto generator = seeded(at::kCPU, 1);
  const auto on_device = at::TensorOptions(type).device(device_);
  first_phi_ = network_->initial_parameters(generator).to(on_device);
  theta_ = augmentation_->initial_theta(generator).to(on_device);
  direction_ = at::randn(first_phi_.sizes(), generator).to(on_device);
  std::vector<std::int64_t> image_size{1, 1};
  image_size.insert(image_size.end(), sides.begin(), sides.end());
  std::vector<std::int64_t> label_size(image_size.begin() + 1, image_size.end());
  const auto labels = [&] {
    return at::randint(0, kClasses, label_size, generator, at::TensorOptions(at::kLong))
        .to(device_);
  };
  const auto image = [&] { return at::rand(image_size, generator).to(on_device); };
  batch_.synthetic.image = image();
  batch_.synthetic.reference = labels();
  batch_.synthetic.reference_classes = kClasses;
  batch_.draws["noise"] = at::randn(image_size, generator).to(on_device);
  real_ = {image(), labels()};
  start();
}

void TrainingCase::start() {
  phi_ = first_phi_;
  buffers_ = network_->initial_buffers().to(phi_.options());
  state_ = {};
}

BilevelResult TrainingCase::step(const std::string& mode) {
  HypergradientOptions options;
  options.mode = mode == "plain" ? HypergradientMode::kNone : parse_word<HypergradientMode>(mode);
  const InnerProblem problem(*network_, *augmentation_, loss_);
  const NormStatistics norm{network_->buffers().views(buffers_), true};
  auto result = BilevelStep(problem, loss_, OptimiserOptions(), options, precision_)
                    .run(phi_, state_, theta_, {{{batch_}}, {real_}}, 1e-3, norm);
  phi_ = result.parameters;
  state_ = result.state;
  result.synthetic_loss.item<double>();  // waits for the device
  return result;
}

InnerProblem::Product TrainingCase::hessian_vector(bool exact) const {
  const InnerProblem problem(*network_, *augmentation_, loss_);
  auto product =
      exact ? problem.exact_product(problem.gradient(phi_, theta_, batch_, true), direction_, true)
            : problem.difference_product(phi_, theta_, batch_, direction_,
                                         HypergradientOptions().difference_norm, true);
  product.phi.sum().item<double>();  // waits for the device
  return product;
}

std::vector<std::pair<std::string, at::Tensor>> TrainingCase::tensors() {
  std::vector<std::pair<std::string, at::Tensor>> tensors{
      {"phi", first_phi_},
      {"theta", theta_},
      {"image", batch_.synthetic.image},
      {"reference", batch_.synthetic.reference},
      {"noise", batch_.draws.at("noise")},
      {"real_image", real_.image},
      {"real_reference", real_.reference},
      {"direction", direction_},
      {"logits",
       network_->forward(batch_.synthetic.image, network_->parameters().views(first_phi_))}};
  for (const std::string mode : {"plain", "exact", "central-difference"}) {
    start();
    step(mode);
    const auto result = step(mode);
    tensors.emplace_back(mode + ".phi", phi_);
    tensors.emplace_back(mode + ".loss", result.synthetic_loss.reshape({1}));
    if (result.hypergradient.defined())
      tensors.emplace_back(mode + ".hypergradient", result.hypergradient);
  }
  start();
  tensors.emplace_back("hessian-vector.phi", hessian_vector(true).phi);
  return tensors;
}

struct SynthesisCase::Parts {
  Parts(const std::vector<std::int64_t>& sides, const at::Device& device)
      : model(options(sides), random_table(), device), generator(seeded(device, 1)) {
    auto cpu = seeded(at::kCPU, 2);
    map.rows = at::randint(0, kIntensityClasses, {160, 192, 160}, cpu, at::TensorOptions(at::kByte))
                   .to(device);
    map.box = {{{0, 160}, {0, 192}, {0, 160}}};
  }

  static SynthesisOptions options(const std::vector<std::int64_t>& sides) {
    SynthesisOptions options;
    options.patch = sides;
    return options;
  }

  GenerativeModel model;
  at::Generator generator;
  DeviceLabelMap map;
};

SynthesisCase::SynthesisCase(const std::vector<std::int64_t>& sides, const std::string& device)
    : parts_(std::make_unique<Parts>(sides, at::Device(device))) {}

SynthesisCase::~SynthesisCase() = default;

void SynthesisCase::run() {
  const auto made = parts_->model.synthesise({parts_->map}, parts_->generator);
  made.image.sum().item<double>();  // waits for the device
}

}  // namespace hypersynth
