#include <ATen/TensorOperators.h>
#include <ATen/ops/affine_grid_generator.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/full.h>
#include <ATen/ops/grid_sampler.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_trilinear3d.h>

#include "engine/augmentation/augmentation_kinds.h"

namespace hypersynth {
namespace {

constexpr std::int64_t kLinear = 0;
constexpr std::int64_t kBorder = 1;

/// Sampling positions of the identity, [N,...,d] in grid_sample's coordinates (-1 to 1 between the
/// centres of the outermost voxels, last axis first).
at::Tensor identity_grid(const at::Tensor& image) {
  const auto axes = image.dim() - 2;
  const auto affine = at::eye(axes, axes + 1, image.options()).unsqueeze(0);
  return at::affine_grid_generator(affine.expand({image.size(0), axes, axes + 1}).contiguous(),
                                   image.sizes(), true);
}

/// One voxel along each axis in grid_sample's coordinates, last axis first.
at::Tensor voxel_size(const at::Tensor& image) {
  std::vector<at::Tensor> sizes;
  const auto axes = image.dim() - 2;
  for (std::int64_t axis = axes; axis-- > 0;) {
    sizes.push_back(
        at::full({}, 2.0 / static_cast<double>(std::max<std::int64_t>(1, image.size(axis + 2) - 1)),
                 image.options()));
  }
  return at::stack(sizes);
}

/// Class probabilities [N,K,...] of the reference.
at::Tensor probabilities(const SyntheticBatch& batch) {
  if (batch.reference.is_floating_point()) return batch.reference;
  std::vector<std::int64_t> along(static_cast<std::size_t>(batch.image.dim()), 1);
  along[1] = batch.reference_classes;
  const auto classes = at::arange(along[1], batch.reference.options()).view(along);
  return (batch.reference.unsqueeze(1) == classes).to(batch.image.scalar_type());
}

}  // namespace

DeformationAugmentation::DeformationAugmentation(int dimensions, std::int64_t knots)
    : dimensions_(dimensions), knots_(knots) {
  AugmentationParameter amplitude;
  amplitude.tensor = {"amplitude", {}, 0, 1};
  amplitude.lower = 0;
  amplitude.upper = 20;
  amplitude.prior_deviation = 2;
  amplitude.meaning = "standard deviation of the displacement at the knots, in voxels";
  add(amplitude);
}

Draws DeformationAugmentation::draw(const SyntheticBatch& batch, at::Generator& generator) const {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(dimensions_) + 2, knots_);
  shape[0] = batch.image.size(0);
  shape[1] = dimensions_;
  return {{"displacement", at::randn(shape, generator, batch.image.options())}};
}

SyntheticBatch DeformationAugmentation::apply(const SyntheticBatch& batch,
                                              const std::vector<at::Tensor>& theta,
                                              const Draws& draws) const {
  const auto& image = batch.image;
  const auto& knots = draws.at("displacement");
  const auto size = image.sizes().slice(2);
  const auto field = dimensions_ == 3 ? at::upsample_trilinear3d(knots, size, true)
                                      : at::upsample_bilinear2d(knots, size, true);
  const auto grid = identity_grid(image) + field.movedim(1, -1) * (voxel_size(image) * theta[0]);
  auto result = batch;
  result.image = at::grid_sampler(image, grid, kLinear, kBorder, true);
  result.reference = at::grid_sampler(probabilities(batch), grid, kLinear, kBorder, true);
  return result;
}

}  // namespace hypersynth
