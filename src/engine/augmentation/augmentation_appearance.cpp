#include <stdexcept>

#include <ATen/TensorOperators.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>

#include "engine/augmentation/augmentation_kinds.h"
#include "engine/synthesis/separable_filter.h"

namespace hypersynth {
namespace {

AugmentationParameter parameter(TensorSpec tensor, double lower, double upper, double deviation,
                                const char* meaning) {
  AugmentationParameter result;
  result.tensor = std::move(tensor);
  result.lower = lower;
  result.upper = upper;
  result.prior_deviation = deviation;
  result.meaning = meaning;
  return result;
}

std::vector<std::int64_t> one_per_image(const at::Tensor& image) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(image.dim()), 1);
  shape[0] = image.size(0);
  return shape;
}

}  // namespace

// The starts are the moments of the generative model's own draws: means U(0,250), deviations
// U(0,30), in units of 250.
IntensityPriorAugmentation::IntensityPriorAugmentation(std::int64_t classes) {
  if (classes < 1) throw std::invalid_argument("intensity-prior needs the intensity classes");
  add(parameter({"mean", {classes}, 0, 0.5}, 0, 1.2, 0.29, "mean of each class, in units of 250"));
  add(parameter({"spread", {classes}, 0, 0.29}, 0, 0.6, 0.15,
                "standard deviation of the class means between images, in units of 250"));
  add(parameter({"deviation", {classes}, 0, 0.06}, 0, 0.3, 0.035,
                "standard deviation inside a class, in units of 250"));
}

Draws IntensityPriorAugmentation::draw(const SyntheticBatch& batch,
                                       at::Generator& generator) const {
  const auto& x = batch.image;
  return {
      {"class", at::randn({x.size(0), batch.intensity_class_count}, generator, x.options())},
      {"voxel", at::randn(x.sizes(), generator, x.options())},
  };
}

SyntheticBatch IntensityPriorAugmentation::apply(const SyntheticBatch& batch,
                                                 const std::vector<at::Tensor>& theta,
                                                 const Draws& draws) const {
  if (!batch.intensity_classes.defined())
    throw std::invalid_argument("intensity-prior needs the intensity classes of the image");
  const auto images = batch.image.size(0);
  const auto classes = batch.intensity_classes.reshape({images, -1});
  const auto mean = theta[0] + theta[1] * draws.at("class");  // [N,C]
  const auto deviation = theta[2].unsqueeze(0).expand_as(mean);
  const auto paint = at::gather(mean, 1, classes) +
                     at::gather(deviation, 1, classes) * draws.at("voxel").reshape({images, -1});
  auto result = batch;
  result.painted = (paint * kPaintRange).view(batch.image.sizes());
  result.image = apply_artefacts(result.painted, batch.artefacts);
  return result;
}

ArtefactStrengthAugmentation::ArtefactStrengthAugmentation() {
  add(parameter({"bias", {}, 0, 1}, 0, 2, 0.5, "factor of the logarithm of the bias field"));
  add(parameter({"gamma", {}, 0, 1}, 0, 2, 0.5, "factor of the logarithm of the exponent"));
}

Draws ArtefactStrengthAugmentation::draw(const SyntheticBatch& /*batch*/,
                                         at::Generator& /*generator*/) const {
  return {};
}

SyntheticBatch ArtefactStrengthAugmentation::apply(const SyntheticBatch& batch,
                                                   const std::vector<at::Tensor>& theta,
                                                   const Draws& /*draws*/) const {
  if (!batch.painted.defined())
    throw std::invalid_argument("artefact-strength needs the image before its artefacts");
  auto result = batch;
  result.artefacts.log_bias = batch.artefacts.log_bias * theta[0];
  result.artefacts.gamma = at::pow(batch.artefacts.gamma, theta[1]);
  result.image = apply_artefacts(batch.painted, result.artefacts);
  return result;
}

GammaAugmentation::GammaAugmentation() {
  add(parameter({"mean", {}, 0, 0}, -2, 2, 0.5, "mean of the logarithm of the exponent"));
  add(parameter({"spread", {}, 0, 0.5}, 0, 1.5, 0.25,
                "standard deviation of the logarithm of the exponent"));
}

Draws GammaAugmentation::draw(const SyntheticBatch& batch, at::Generator& generator) const {
  const auto& x = batch.image;
  return {{"exponent", at::randn(one_per_image(x), generator, x.options())}};
}

SyntheticBatch GammaAugmentation::apply(const SyntheticBatch& batch,
                                        const std::vector<at::Tensor>& theta,
                                        const Draws& draws) const {
  auto result = batch;
  const auto exponent = at::exp(theta[0] + theta[1] * draws.at("exponent"));
  result.image = at::pow(batch.image.clamp_min(1e-5), exponent);
  return result;
}

BlurAugmentation::BlurAugmentation(int dimensions) {
  add(parameter({"sigma", {dimensions}, 0, 0.75}, 0.02, 5, 0.75,
                "largest standard deviation of the blur along each axis, in voxels"));
}

Draws BlurAugmentation::draw(const SyntheticBatch& batch, at::Generator& generator) const {
  const auto& x = batch.image;
  return {{"share", at::rand({x.size(0), x.dim() - 2}, generator, x.options())}};
}

SyntheticBatch BlurAugmentation::apply(const SyntheticBatch& batch,
                                       const std::vector<at::Tensor>& theta,
                                       const Draws& draws) const {
  const auto sigma = draws.at("share") * theta[0];  // [N,axes]
  std::vector<at::Tensor> matrices;
  for (std::int64_t axis = 0; axis < sigma.size(1); ++axis) {
    matrices.push_back(gaussian_matrix(sigma.select(1, axis), batch.image.size(axis + 2)));
  }
  auto result = batch;
  result.image = filter_axes(batch.image, matrices);
  return result;
}

}  // namespace hypersynth
