#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_trilinear3d.h>

#include "engine/augmentation/augmentation_kinds.h"

namespace hypersynth {
namespace {

struct Scale {
  const char* name;
  std::int64_t knots;
};
constexpr Scale kScales[] = {{"low", 2}, {"middle", 4}, {"high", 8}};

AugmentationParameter sigma(const char* name, double start) {
  AugmentationParameter parameter;
  parameter.tensor = {name, {}, 0, start};
  parameter.lower = -1;
  parameter.upper = 1;
  parameter.prior_deviation = 0.2;
  parameter.meaning = "standard deviation of the noise, in units of the image range";
  return parameter;
}

/// U(0.5, 2) knots enlarged to the size of the image.
at::Tensor bias_field(const at::Tensor& uniform, at::IntArrayRef size) {
  const auto knots = uniform * 1.5 + 0.5;
  return knots.dim() == 5 ? at::upsample_trilinear3d(knots, size, false)
                          : at::upsample_bilinear2d(knots, size, false);
}

}  // namespace

NoiseAugmentation::NoiseAugmentation(bool range, bool bias) : range_(range), bias_(bias) {
  if (range) {
    add(sigma("sigma_min", 0.02));
    add(sigma("sigma_max", 0.15));
  } else {
    add(sigma("sigma", 0.05));
  }
  if (!bias) return;
  for (const auto& scale : kScales) {
    AugmentationParameter weight;
    weight.tensor = {std::string("weight_") + scale.name, {}, 0, 0};
    weight.lower = -10;
    weight.upper = 10;
    weight.prior_deviation = 3;
    weight.meaning =
        "logit of the exponent of the bias field with " + std::to_string(scale.knots) + " knots";
    add(weight);
  }
}

Draws NoiseAugmentation::draw(const SyntheticBatch& batch, at::Generator& generator) const {
  const auto& x = batch.image;
  Draws draws;
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
  shape[0] = x.size(0);
  if (range_) draws["u_sigma"] = at::rand(shape, generator, x.options());
  if (bias_) {
    for (const auto& scale : kScales) {
      std::fill(shape.begin() + 2, shape.end(), scale.knots);
      draws[std::string("u_") + scale.name] = at::rand(shape, generator, x.options());
    }
  }
  draws["noise"] = at::randn(x.sizes(), generator, x.options());
  return draws;
}

SyntheticBatch NoiseAugmentation::apply(const SyntheticBatch& batch,
                                        const std::vector<at::Tensor>& theta,
                                        const Draws& draws) const {
  auto result = batch;
  auto& x = result.image;
  if (bias_) {
    std::size_t weight = range_ ? 2 : 1;
    for (const auto& scale : kScales) {
      const auto field = bias_field(draws.at(std::string("u_") + scale.name), x.sizes().slice(2));
      x = x * at::pow(field, at::sigmoid(theta[weight++]));
    }
  }
  const auto deviation = range_ ? draws.at("u_sigma") * (theta[1] - theta[0]) + theta[0] : theta[0];
  x = x + draws.at("noise") * deviation;
  return result;
}

}  // namespace hypersynth
