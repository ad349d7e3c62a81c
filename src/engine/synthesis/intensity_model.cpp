#include "engine/synthesis/intensity_model.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

namespace hypersynth {

ClassIntensities random_intensities(const SynthesisOptions& options, std::int64_t images,
                                    std::int64_t classes, at::Generator& generator,
                                    const at::TensorOptions& tensor_options) {
  const std::int64_t size[] = {images, classes};
  auto mean = at::rand(size, generator, tensor_options) * options.class_mean;
  auto deviation = at::rand(size, generator, tensor_options) * options.class_deviation;
  const auto kind = at::rand({images}, generator, tensor_options);
  const auto zero = kind < options.background_zero;
  const auto low = kind < options.background_zero + options.background_low;
  const auto redraw = [&](at::Tensor& values, double dark_limit) {
    auto background = values.select(1, 0);
    const auto dark = at::rand({images}, generator, tensor_options) * dark_limit;
    background.copy_(at::where(zero, at::zeros_like(dark), at::where(low, dark, background)));
  };
  redraw(mean, options.dark_mean);
  redraw(deviation, options.dark_deviation);
  return {mean, deviation};
}

at::Tensor paint(const at::Tensor& intensity_classes, const ClassIntensities& intensities,
                 at::Generator& generator) {
  const auto classes = intensity_classes.flatten(1);
  const auto noise = at::randn(classes.sizes(), generator, intensities.mean.options());
  return at::gather(intensities.deviation, 1, classes)
      .mul_(noise)
      .add_(at::gather(intensities.mean, 1, classes))
      .view(intensity_classes.sizes())
      .unsqueeze(1);
}

}  // namespace hypersynth
