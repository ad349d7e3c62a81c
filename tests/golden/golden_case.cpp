#include "golden/golden_case.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/relu.h>
#include <nlohmann/json.hpp>

#include "engine/networks/resize_unet.h"

namespace hypersynth {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// One 3x3 convolution.
NetworkTensors one_convolution(int dimensions, std::int64_t in, std::int64_t out) {
  NetworkTensors tensors;
  tensors.dimensions = dimensions;
  tensors.add_convolution("0", in, out, 3);
  return tensors;
}

class SingleConvolution : public Network {
 public:
  SingleConvolution(int dimensions, std::int64_t in, std::int64_t out)
      : Network(one_convolution(dimensions, in, out)) {}
  at::Tensor forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                     const NormStatistics& /*norm*/) const override {
    return convolve(image, parameters, 0);
  }
};

/// 3x3 convolution, ReLU, 1x1 convolution.
NetworkTensors two_convolutions(int dimensions, std::int64_t in, std::int64_t features,
                                std::int64_t out) {
  auto tensors = one_convolution(dimensions, in, features);
  tensors.add_convolution("2", features, out, 1);
  return tensors;
}

class ReluNet : public Network {
 public:
  ReluNet(int dimensions, std::int64_t in, std::int64_t features, std::int64_t out)
      : Network(two_convolutions(dimensions, in, features, out)) {}
  at::Tensor forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                     const NormStatistics& /*norm*/) const override {
    return convolve(at::relu(convolve(image, parameters, 0)), parameters, 2);
  }
};

/// Adds the incoming image once more, as the recorded runs with `residual` did.
class Residual : public Augmentation {
 public:
  explicit Residual(std::unique_ptr<Augmentation> inner) : inner_(std::move(inner)) {
    for (const auto& parameter : inner_->parameters()) add(parameter);
  }
  Draws draw(const SyntheticBatch& batch, at::Generator& generator) const override {
    return inner_->draw(batch, generator);
  }
  SyntheticBatch apply(const SyntheticBatch& batch, const std::vector<at::Tensor>& theta,
                       const Draws& draws) const override {
    auto result = inner_->apply(batch, theta, draws);
    result.image = result.image + batch.image;
    return result;
  }

 private:
  std::unique_ptr<Augmentation> inner_;
};

/// Spatial axes of an image [N,C,...] or of the weight of a convolution.
int axes(const at::Tensor& tensor) { return static_cast<int>(tensor.dim()) - 2; }

OptimiserOptions optimiser(const json& recorded) {
  const auto& settings = recorded.at(1);
  OptimiserOptions options;
  const auto kind = recorded.at(0).get<std::string>();
  if (kind == "SGD")
    options.kind = OptimiserKind::kSgd;
  else if (kind == "AdamW")
    options.kind = OptimiserKind::kAdamW;
  else if (kind != "Adam")
    throw std::runtime_error("unknown optimiser " + kind);
  options.learning_rate = settings.at("lr");
  options.momentum = settings.value("momentum", 0.0);
  options.nesterov = settings.value("nesterov", false);
  options.weight_decay = settings.value("weight_decay", kind == "AdamW" ? 0.01 : 0.0);
  options.epsilon = settings.value("eps", 1e-8);
  if (settings.contains("betas")) {
    options.beta1 = settings["betas"][0];
    options.beta2 = settings["betas"][1];
  }
  return options;
}

at::Tensor read_tensor(const json& entry, const std::string& data) {
  const auto offset = entry.at("offset").get<std::size_t>();
  const auto bytes = entry.at("nbytes").get<std::size_t>();
  if (offset + bytes > data.size()) throw std::runtime_error("data.bin is too short");
  const auto type = entry.at("dtype") == "<f8" ? at::kDouble : at::kLong;
  // from_blob takes a pointer to mutable memory; the clone leaves it untouched.
  auto* start = const_cast<char*>(data.data()) + offset;
  return at::from_blob(start, entry.at("shape").get<std::vector<std::int64_t>>(),
                       at::TensorOptions(type))
      .clone();
}

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

GoldenCase::GoldenCase(const fs::path& folder, at::Device device) {
  const auto manifest = json::parse(read_file(folder / "manifest.json"));
  const auto data = read_file(folder / "data.bin");
  const auto& config = manifest.at("config");
  name_ = manifest.at("case");
  net_ = config.at("net");
  loss_ = config.at("loss");
  synth_ = config.value("synth", "noise");
  alpha_ = config.value("alpha", 1.0);
  residual_ = config.value("residual", false);
  steps_ = static_cast<int>(manifest.at("steps").size());
  segmentation_optimiser_ = optimiser(config.at("opt_seg"));
  synthesis_optimiser_ = optimiser(config.at("opt_syn"));
  for (const auto& entry : manifest.at("tensors"))
    tensors_[entry.at("name")] = read_tensor(entry, data).to(device);
}

std::map<std::string, at::Tensor> GoldenCase::below(const std::string& prefix) const {
  std::map<std::string, at::Tensor> result;
  for (const auto& [key, value] : tensors_) {
    if (key.rfind(prefix, 0) == 0) result[key.substr(prefix.size())] = value;
  }
  return result;
}

at::Tensor GoldenCase::flat(const std::string& prefix, const TensorLayout& layout) const {
  std::vector<at::Tensor> rows;
  for (const auto& spec : layout.specs()) rows.push_back(tensors_.at(prefix + spec.name));
  return layout.flatten(rows, rows.front());
}

std::unique_ptr<Network> GoldenCase::network() const {
  const auto parameters = below("init.seg.param.");
  if (net_ == "conv1") {
    const auto& weight = parameters.at("0.weight");
    return std::make_unique<SingleConvolution>(axes(weight), weight.size(1), weight.size(0));
  }
  if (net_.rfind("conv3x3", 0) == 0) {
    const auto& first = parameters.at("0.weight");
    return std::make_unique<ReluNet>(axes(first), first.size(1), first.size(0),
                                     parameters.at("2.weight").size(0));
  }
  if (net_.rfind("unet", 0) != 0) throw std::runtime_error("unknown network " + net_);
  ResizeUnetOptions options;
  const auto& first = parameters.at("0.conv.weight");
  options.dimensions = axes(first);
  options.in_channels = first.size(1);
  options.out_channels = parameters.at("2.conv.weight").size(0);
  options.features = {first.size(0)};
  // up n leads from the coarser level into the finer one; coarsest first.
  std::vector<std::int64_t> coarser;
  for (int n = 0;; ++n) {
    const auto up = "1.decoder." + std::to_string(n) + ".up.conv.conv.weight";
    if (parameters.count(up) == 0) break;
    coarser.insert(coarser.begin(), parameters.at(up).size(1));
  }
  options.features.insert(options.features.end(), coarser.begin(), coarser.end());
  options.convolutions = 0;
  while (parameters.count("1.encoder.0." + std::to_string(options.convolutions) + ".conv.weight") ==
         1) {
    ++options.convolutions;
  }
  const bool instance = net_.size() > 3 && net_.substr(net_.size() - 3) == "_in";
  options.norm = instance ? Norm::kInstance : Norm::kNone;
  return std::make_unique<ResizeUnet>(options);
}

std::unique_ptr<Augmentation> GoldenCase::augmentation() const {
  const auto theta = below("init.syn.param.");
  const bool range = theta.count("sigma_min") == 1;
  const bool bias = theta.count("weight_low") == 1;
  const std::string kind =
      synth_ == "unet" ? "unet"
                       : std::string("noise") + (range ? "-range" : "") + (bias ? "-bias" : "");
  AugmentationOptions options;
  options.dimensions = axes(tensor("step0.synth_image"));
  if (theta.count("0.conv.weight") == 1) options.unet_features = theta.at("0.conv.weight").size(0);
  auto augmentation = make_augmentation(kind, options);
  // The unet adds its image itself.
  if (!residual_ || kind == "unet") return augmentation;
  return std::make_unique<Residual>(std::move(augmentation));
}

LossOptions GoldenCase::loss() const {
  LossOptions options;
  if (loss_ == "dice_eps") {
    options.dice_smoothing = 1e-5;
    return options;
  }
  options.terms = parse_loss(loss_ == "logitmse" ? "logit-mse" : loss_);
  return options;
}

std::vector<fs::path> golden_folders(const fs::path& root) {
  std::vector<fs::path> folders;
  if (!fs::is_directory(root)) return folders;
  for (const auto& entry : fs::directory_iterator(root)) {
    if (fs::exists(entry.path() / "manifest.json")) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace hypersynth
