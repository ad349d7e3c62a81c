#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/randn.h>

#include "engine/augmentation/augmentation_kinds.h"

namespace hypersynth {
namespace {

ResizeUnetOptions net_options(int dimensions, std::int64_t features) {
  ResizeUnetOptions options;
  options.dimensions = dimensions;
  options.in_channels = 2;
  options.out_channels = 1;
  options.features = {features};
  options.convolutions = 1;
  return options;
}

}  // namespace

UnetAugmentation::UnetAugmentation(int dimensions, std::int64_t features)
    : net_(net_options(dimensions, features)) {
  for (const auto& spec : net_.parameters().specs()) {
    AugmentationParameter parameter;
    parameter.tensor = spec;
    parameter.meaning = "convolution of the residual network";
    add(parameter);
  }
}

Draws UnetAugmentation::draw(const SyntheticBatch& batch, at::Generator& generator) const {
  return {{"noise", at::randn(batch.image.sizes(), generator, batch.image.options())}};
}

SyntheticBatch UnetAugmentation::apply(const SyntheticBatch& batch,
                                       const std::vector<at::Tensor>& theta,
                                       const Draws& draws) const {
  auto result = batch;
  const auto input = at::cat({batch.image, draws.at("noise")}, 1);
  result.image = net_.forward(input, theta) + batch.image;
  return result;
}

}  // namespace hypersynth
