#include "engine/synthesis/acquisition.h"

#include <algorithm>

#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>

#include "engine/synthesis/separable_filter.h"

namespace hypersynth {
namespace {

/// Log bias at its knots [N,1,...]: N(0, s^2), s ~ U(0, bias_std) in a share of the images, else 0.
at::Tensor random_log_bias(const SynthesisOptions& options, std::int64_t images,
                           at::Generator& generator, const at::TensorOptions& tensor_options) {
  std::vector<std::int64_t> knots{images, 1}, per_image{images, 1};
  for (const auto side : options.patch) {
    knots.push_back(knots_along(side, options.bias_grid));
    per_image.push_back(1);
  }
  const auto std = at::rand({images}, generator, tensor_options) * options.bias_std;
  const auto biased = at::rand({images}, generator, tensor_options) < options.bias_probability;
  return at::randn(knots, generator, tensor_options) * (std * biased).reshape(per_image);
}

}  // namespace

Resolution random_resolution(const SynthesisOptions& options, std::int64_t images,
                             at::Generator& generator, const at::TensorOptions& tensor_options) {
  const auto uniform = [&] { return at::rand({images}, generator, tensor_options); };
  const double native_mm = options.spacing_mm;
  const auto up_to = [&](double largest_mm) {
    return uniform() * (std::max(largest_mm, native_mm) - native_mm) + native_mm;
  };
  const auto kind = uniform();
  const auto isotropic = kind < options.isotropic_probability;
  const auto sliced = kind >= options.isotropic_probability + options.native_probability;
  const auto axis_draw = uniform() * options.dimensions();
  const auto isotropic_mm = up_to(options.isotropic_mm);
  const auto slice_mm = up_to(options.slice_mm);
  const auto share = uniform();
  std::vector<at::Tensor> resolutions;
  for (int axis = 0; axis < options.dimensions(); ++axis) {
    const auto here = sliced.logical_and(axis_draw >= axis).logical_and(axis_draw < axis + 1);
    const auto native = at::full_like(kind, native_mm);
    resolutions.push_back(at::where(isotropic, isotropic_mm, at::where(here, slice_mm, native)));
  }
  Resolution resolution;
  resolution.slice_mm = at::stack(resolutions, 1);
  resolution.thickness_mm = (resolution.slice_mm - native_mm) * share.unsqueeze(1) + native_mm;
  return resolution;
}

std::vector<at::Tensor> acquisition_filters(const SynthesisOptions& options,
                                            const Resolution& resolution) {
  const auto low = resolution.slice_mm > options.spacing_mm;
  // The thickness never exceeds the distance: min(resolution, thickness) is the thickness.
  const auto sigma = resolution.thickness_mm * low * (options.blur_factor / options.spacing_mm);
  const auto step = (resolution.slice_mm / options.spacing_mm).clamp_min(1);
  std::vector<at::Tensor> filters;
  for (std::int64_t axis = 0; axis < options.dimensions(); ++axis) {
    const auto length = options.patch[static_cast<std::size_t>(axis)];
    filters.push_back(at::bmm(resampling_matrix(step.select(1, axis), length),
                              gaussian_matrix(sigma.select(1, axis), length)));
  }
  return filters;
}

Artefacts random_artefacts(const SynthesisOptions& options, std::int64_t images,
                           at::Generator& generator, const at::TensorOptions& tensor_options) {
  Artefacts artefacts;
  artefacts.log_bias = random_log_bias(options, images, generator, tensor_options);
  artefacts.largest_value = options.largest_value;
  artefacts.gamma = at::exp(at::randn({images}, generator, tensor_options) * options.gamma_std);
  artefacts.filters =
      acquisition_filters(options, random_resolution(options, images, generator, tensor_options));
  artefacts.percentiles = options.percentiles;
  return artefacts;
}

}  // namespace hypersynth
