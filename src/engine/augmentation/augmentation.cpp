#include "engine/augmentation/augmentation.h"

#include <cmath>
#include <stdexcept>

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/where.h>

#include "engine/augmentation/augmentation_kinds.h"
#include "engine/augmentation/augmentation_name.h"

namespace hypersynth {
namespace {

template <typename Value>
at::Tensor per_parameter(const std::vector<AugmentationParameter>& parameters, Value value) {
  std::vector<at::Tensor> rows;
  for (const auto& parameter : parameters) rows.push_back(value(parameter));
  return rows.empty() ? at::full({0}, 0, at::TensorOptions(at::kFloat)) : at::cat(rows);
}

at::Tensor constant(const AugmentationParameter& parameter, double value) {
  return at::full({parameter.tensor.size()}, value, at::TensorOptions(at::kFloat));
}

/// Several augmentations, one after the other.
class Chain : public Augmentation {
 public:
  void append(const std::string& name, std::unique_ptr<Augmentation> link) {
    for (auto parameter : link->parameters()) {
      parameter.tensor.name = name + "." + parameter.tensor.name;
      add(std::move(parameter));
    }
    names_.push_back(name);
    links_.push_back(std::move(link));
  }

  /// Every link draws for the batch as it comes in: draws depend on its shape alone.
  Draws draw(const SyntheticBatch& batch, at::Generator& generator) const override {
    Draws draws;
    for (std::size_t i = 0; i < links_.size(); ++i) {
      for (auto& [key, tensor] : links_[i]->draw(batch, generator))
        draws[names_[i] + "." + key] = tensor;
    }
    return draws;
  }

  SyntheticBatch apply(const SyntheticBatch& batch, const std::vector<at::Tensor>& theta,
                       const Draws& draws) const override {
    auto result = batch;
    auto next = theta.begin();
    for (std::size_t i = 0; i < links_.size(); ++i) {
      const auto end = next + static_cast<std::ptrdiff_t>(links_[i]->parameters().size());
      result = links_[i]->apply(result, {next, end}, draws_of(names_[i] + ".", draws));
      next = end;
    }
    return result;
  }

 private:
  static Draws draws_of(const std::string& prefix, const Draws& draws) {
    Draws own;
    for (const auto& [key, tensor] : draws) {
      if (key.rfind(prefix, 0) == 0) own[key.substr(prefix.size())] = tensor;
    }
    return own;
  }

  std::vector<std::string> names_;
  std::vector<std::unique_ptr<Augmentation>> links_;
};

/// Leaves a share of the images as they come in. Not for augmentations that change the reference.
class Sometimes : public Augmentation {
 public:
  Sometimes(std::unique_ptr<Augmentation> inner, double unchanged_share)
      : inner_(std::move(inner)), unchanged_share_(unchanged_share) {
    for (const auto& parameter : inner_->parameters()) add(parameter);
  }

  Draws draw(const SyntheticBatch& batch, at::Generator& generator) const override {
    auto draws = inner_->draw(batch, generator);
    std::vector<std::int64_t> shape(static_cast<std::size_t>(batch.image.dim()), 1);
    shape[0] = batch.image.size(0);
    draws[kUnchanged] = at::rand(shape, generator, batch.image.options()) < unchanged_share_;
    return draws;
  }

  SyntheticBatch apply(const SyntheticBatch& batch, const std::vector<at::Tensor>& theta,
                       const Draws& draws) const override {
    auto result = inner_->apply(batch, theta, draws);
    result.image = at::where(draws.at(kUnchanged), batch.image, result.image);
    return result;
  }

  const Augmentation& always() const override { return *inner_; }

 private:
  static constexpr const char* kUnchanged = "unchanged";
  std::unique_ptr<Augmentation> inner_;
  double unchanged_share_;
};

std::unique_ptr<Augmentation> make_one(const std::string& name,
                                       const AugmentationOptions& options) {
  if (name == "noise") return std::make_unique<NoiseAugmentation>(false, false);
  if (name == "noise-range") return std::make_unique<NoiseAugmentation>(true, false);
  if (name == "noise-bias") return std::make_unique<NoiseAugmentation>(false, true);
  if (name == "noise-range-bias") return std::make_unique<NoiseAugmentation>(true, true);
  if (name == "unet")
    return std::make_unique<UnetAugmentation>(options.dimensions, options.unet_features);
  if (name == "intensity-prior")
    return std::make_unique<IntensityPriorAugmentation>(options.intensity_classes);
  if (name == "artefact-strength") return std::make_unique<ArtefactStrengthAugmentation>();
  if (name == "gamma") return std::make_unique<GammaAugmentation>();
  if (name == "blur") return std::make_unique<BlurAugmentation>(options.dimensions);
  if (name == "deformation")
    return std::make_unique<DeformationAugmentation>(options.dimensions, options.deformation_knots);
  throw std::logic_error("no augmentation is called " + name);
}

}  // namespace

void Augmentation::add(AugmentationParameter parameter) {
  layout_.add(parameter.tensor);
  parameters_.push_back(std::move(parameter));
}

at::Tensor Augmentation::initial_theta(at::Generator& generator) const {
  return per_parameter(parameters_, [&](const AugmentationParameter& parameter) {
    const auto& spec = parameter.tensor;
    if (spec.fan_in == 0) return constant(parameter, spec.constant);
    const double bound = 1 / std::sqrt(static_cast<double>(spec.fan_in));
    return at::rand({spec.size()}, generator, at::TensorOptions(at::kFloat))
        .mul_(2 * bound)
        .sub_(bound);
  });
}

at::Tensor Augmentation::lower_bounds() const {
  return per_parameter(parameters_, [](const auto& p) { return constant(p, p.lower); });
}

at::Tensor Augmentation::upper_bounds() const {
  return per_parameter(parameters_, [](const auto& p) { return constant(p, p.upper); });
}

at::Tensor Augmentation::prior_deviations() const {
  return per_parameter(parameters_, [](const auto& p) { return constant(p, p.prior_deviation); });
}

std::unique_ptr<Augmentation> make_augmentation(const std::string& name,
                                                const AugmentationOptions& options) {
  const auto parts = parts_of_augmentation(name, options.unchanged_share);
  if (options.unchanged_share > 0 && !parts.empty()) {
    auto always = options;
    always.unchanged_share = 0;
    return std::make_unique<Sometimes>(make_augmentation(name, always), options.unchanged_share);
  }
  if (parts.size() == 1) return make_one(parts.front(), options);
  auto chain = std::make_unique<Chain>();
  for (const auto& part : parts) chain->append(part, make_one(part, options));
  return chain;
}

}  // namespace hypersynth
