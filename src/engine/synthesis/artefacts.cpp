#include <ATen/TensorOperators.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/amin.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/kthvalue.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_trilinear3d.h>

#include "engine/model/input_recipe.h"
#include "engine/synthesis/separable_filter.h"
#include "engine/synthesis/synthetic_batch.h"

namespace hypersynth {
namespace {

constexpr double kDarkest = 1e-5;  // keeps the slope of x^gamma finite at x = 0
constexpr std::int64_t kPercentileSamples = 1 << 16;

at::Tensor enlarge(const at::Tensor& coarse, at::IntArrayRef size) {
  return coarse.dim() == 5 ? at::upsample_trilinear3d(coarse, size, true)
                           : at::upsample_bilinear2d(coarse, size, true);
}

at::Tensor per_image(const at::Tensor& values, std::int64_t dimensions) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(dimensions), 1);
  shape[0] = -1;
  return values.reshape(shape);
}

at::Tensor scale_by_range(const at::Tensor& image) {
  const auto flat = image.flatten(1);
  const auto low = per_image(at::amin(flat, 1), image.dim());
  const auto high = per_image(at::amax(flat, 1), image.dim());
  return (image - low) / (high - low).clamp_min(1e-6);
}

}  // namespace

at::Tensor scale_by_percentiles(const at::Tensor& image) {
  const auto flat = image.flatten(1);
  // A regular sample is enough for two percentiles and keeps the sort cheap; an odd stride does
  // not run along one plane.
  const auto stride = std::max<std::int64_t>(1, flat.size(1) / kPercentileSamples) | 1;
  const auto sample = flat.slice(1, 0, flat.size(1), stride);
  const auto rank = [&](double fraction) {
    const auto n = static_cast<double>(sample.size(1) - 1);
    const auto k = static_cast<std::int64_t>(fraction * n + 0.5) + 1;
    return per_image(std::get<0>(at::kthvalue(sample, k, 1)), image.dim());
  };
  const InputRecipe recipe;
  const auto low = rank(recipe.low_percentile / 100);
  const auto high = rank(recipe.high_percentile / 100);
  return ((image - low) / (high - low).clamp_min(1e-6)).clamp(recipe.clamp_min, recipe.clamp_max);
}

at::Tensor apply_artefacts(const at::Tensor& painted, const Artefacts& artefacts) {
  auto x = painted;
  if (artefacts.log_bias.defined())
    x = x * at::exp(enlarge(artefacts.log_bias, painted.sizes().slice(2)));
  x = scale_by_range(x.clamp(0, artefacts.largest_value));
  if (artefacts.gamma.defined())
    x = at::pow(x.clamp_min(kDarkest), per_image(artefacts.gamma, x.dim()));
  if (!artefacts.filters.empty()) x = filter_axes(x, artefacts.filters);
  return artefacts.percentiles ? scale_by_percentiles(x) : x;
}

}  // namespace hypersynth
