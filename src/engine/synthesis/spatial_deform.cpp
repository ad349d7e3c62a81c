#include "engine/synthesis/spatial_deform.h"

#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/grid_sampler.h>
#include <ATen/ops/meshgrid.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_trilinear3d.h>

namespace hypersynth {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr std::int64_t kLinear = 0;
constexpr std::int64_t kBorder = 1;

at::Tensor symmetric_uniform(at::IntArrayRef size, double limit, at::Generator& generator,
                             const at::TensorOptions& tensor_options) {
  return at::rand(size, generator, tensor_options).mul_(2 * limit).sub_(limit);
}

at::Tensor enlarge(const at::Tensor& x, const std::vector<std::int64_t>& size) {
  return x.dim() == 5 ? at::upsample_trilinear3d(x, size, true)
                      : at::upsample_bilinear2d(x, size, true);
}

/// Rotations [N,d,d] in the plane of axes `first` and `second` by `angle` [N].
at::Tensor plane_rotation(const at::Tensor& angle, std::int64_t axes, std::int64_t first,
                          std::int64_t second) {
  auto rotation = at::eye(axes, angle.options()).repeat({angle.size(0), 1, 1});
  const auto put = [&](std::int64_t row, std::int64_t column, const at::Tensor& value) {
    rotation.select(1, row).select(1, column).copy_(value);
  };
  put(first, first, at::cos(angle));
  put(second, second, at::cos(angle));
  put(first, second, -at::sin(angle));
  put(second, first, at::sin(angle));
  return rotation;
}

std::vector<at::Tensor> axis_positions(const std::vector<std::int64_t>& size,
                                       const at::TensorOptions& tensor_options) {
  std::vector<at::Tensor> axes;
  for (const auto length : size) axes.push_back(at::arange(length, tensor_options));
  return at::meshgrid(axes, "ij");
}

/// x sampled at the voxel itself plus `displacement` (voxels, [N,d,...]).
at::Tensor compose(const at::Tensor& x, const at::Tensor& identity,
                   const at::Tensor& displacement) {
  std::vector<at::Tensor> coordinates;
  for (std::int64_t axis = displacement.size(1); axis-- > 0;) {
    const double span = static_cast<double>(std::max<std::int64_t>(1, x.size(axis + 2) - 1));
    coordinates.push_back((identity.select(0, axis) + displacement.select(1, axis)) * (2 / span) -
                          1);
  }
  return at::grid_sampler(x, at::stack(coordinates, -1), kLinear, kBorder, true);
}

}  // namespace

at::Tensor random_affines(const SynthesisOptions& options, std::int64_t images,
                          at::Generator& generator, const at::TensorOptions& tensor_options) {
  const std::int64_t axes = options.dimensions();
  const auto scale =
      symmetric_uniform({images, 1, axes}, options.scaling, generator, tensor_options) + 1;
  const std::int64_t planes = axes == 3 ? 3 : 1;
  const auto angles = symmetric_uniform({planes, images}, options.rotation_deg * kPi / 180,
                                        generator, tensor_options);
  const auto identity = at::eye(axes, tensor_options);
  const auto shear =
      symmetric_uniform({images, axes, axes}, options.shearing, generator, tensor_options) *
          (1 - identity) +
      identity;
  auto affine = plane_rotation(angles.select(0, 0), axes, axes == 3 ? 1 : 0, axes == 3 ? 2 : 1);
  if (axes == 3) {
    affine = at::bmm(affine, plane_rotation(angles.select(0, 1), axes, 0, 2));
    affine = at::bmm(affine, plane_rotation(angles.select(0, 2), axes, 0, 1));
  }
  return at::bmm(affine * scale, shear);
}

at::Tensor random_velocities(const SynthesisOptions& options, std::int64_t images,
                             at::Generator& generator, const at::TensorOptions& tensor_options) {
  std::vector<std::int64_t> knots{images, options.dimensions()};
  std::vector<std::int64_t> per_image{images, 1};
  for (const auto side : options.patch) {
    knots.push_back(knots_along(side, options.velocity_grid));
    per_image.push_back(1);
  }
  const auto std = at::rand(per_image, generator, tensor_options) * options.velocity_std;
  return at::randn(knots, generator, tensor_options) * std;
}

at::Tensor integrate(const at::Tensor& velocities, const std::vector<std::int64_t>& patch,
                     int squarings) {
  std::vector<std::int64_t> half;
  for (const auto side : patch) half.push_back(std::max<std::int64_t>(2, side / 2));
  // In voxels of the half-size grid, whose outermost voxels lie on those of the patch.
  const auto rescale = [&](const at::Tensor& field, bool to_half) {
    for (std::size_t axis = 0; axis < patch.size(); ++axis) {
      const double ratio =
          static_cast<double>(half[axis] - 1) / static_cast<double>(patch[axis] - 1);
      field.select(1, static_cast<std::int64_t>(axis)).mul_(to_half ? ratio : 1 / ratio);
    }
    return field;
  };
  auto field = rescale(enlarge(velocities, half), true) * std::exp2(-squarings);
  const auto identity = at::stack(axis_positions(half, velocities.options()));
  for (int i = 0; i < squarings; ++i) field = field + compose(field, identity, field);
  return rescale(enlarge(field, patch), false);
}

at::Tensor random_positions(const SynthesisOptions& options, std::int64_t images,
                            at::Generator& generator, const at::TensorOptions& tensor_options) {
  const auto affines = random_affines(options, images, generator, tensor_options);
  auto axes = axis_positions(options.patch, tensor_options);
  for (std::size_t i = 0; i < axes.size(); ++i)
    axes[i] = axes[i] - 0.5 * static_cast<double>(options.patch[i] - 1);
  auto positions = at::stack(axes).unsqueeze(0);
  if (options.velocity_std > 0) {
    const auto velocities = random_velocities(options, images, generator, tensor_options);
    positions = positions + integrate(velocities, options.patch, options.squarings);
  }
  const auto sampled = at::bmm(affines, positions.flatten(2).expand({images, -1, -1}));
  auto shape = options.patch;
  shape.insert(shape.begin(), {images, options.dimensions()});
  return sampled.view(shape);
}

}  // namespace hypersynth
