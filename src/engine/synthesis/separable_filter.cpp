#include "engine/synthesis/separable_filter.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/minimum.h>

namespace hypersynth {
namespace {

constexpr double kSmallestSigma = 0.01;

at::Tensor positions(const at::Tensor& like, std::int64_t length) {
  return at::arange(length, like.options().requires_grad(false));
}

/// 1 where source voxel [.,.,j] is the one nearest to `slice` [N,L,1] of a stack with `step`.
at::Tensor picks(const at::Tensor& slice, const at::Tensor& step, const at::Tensor& source,
                 double last) {
  const auto centre = ((slice + 0.5) * step - 0.5).round().clamp(0, last);
  return (source == centre).to(source.scalar_type());
}

}  // namespace

at::Tensor gaussian_matrix(const at::Tensor& sigma, std::int64_t length) {
  const auto position = positions(sigma, length);
  const auto squared = (position.unsqueeze(1) - position.unsqueeze(0)).square().unsqueeze(0);
  const auto variance =
      sigma.reshape({-1, 1, 1}).square().clamp_min(kSmallestSigma * kSmallestSigma);
  const auto weights = at::exp(squared * -0.5 / variance);
  return weights / weights.sum(2, true);
}

at::Tensor resampling_matrix(const at::Tensor& step, std::int64_t length) {
  const auto position = positions(step, length);
  const auto factor = step.reshape({-1, 1, 1});
  const double last = static_cast<double>(length - 1);
  // The slice coordinate of each output voxel, between slices `below` and `below` + 1.
  const auto slices = (factor.reciprocal() * length).floor().clamp_min(1);
  const auto coordinate = (position.reshape({1, -1, 1}) + 0.5) / factor - 0.5;
  const auto inside = at::minimum(coordinate.clamp_min(0), slices - 1);
  const auto below = at::floor(inside);
  const auto share = inside - below;
  const auto source = position.reshape({1, 1, -1});
  const auto above = at::minimum(below + 1, slices - 1);
  return picks(below, factor, source, last) * (1 - share) +
         picks(above, factor, source, last) * share;
}

at::Tensor filter_axes(const at::Tensor& image, const std::vector<at::Tensor>& matrices) {
  auto x = image.squeeze(1);  // [N,...]
  const auto images = x.size(0);
  for (std::size_t axis = 0; axis < matrices.size(); ++axis) {
    if (!matrices[axis].defined()) continue;
    const auto moved = x.movedim(static_cast<std::int64_t>(axis) + 1, 1);
    const auto flat = moved.reshape({images, moved.size(1), -1});
    x = at::bmm(matrices[axis], flat)
            .view(moved.sizes())
            .movedim(1, static_cast<std::int64_t>(axis) + 1);
  }
  return x.contiguous().unsqueeze(1);
}

}  // namespace hypersynth
