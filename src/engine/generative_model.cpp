#include "engine/generative_model.h"

#include <cmath>
#include <stdexcept>

#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include "engine/separable_filter.h"
#include "engine/spatial_deform.h"

namespace hypersynth {
namespace {

constexpr double kDarkMean = 15;
constexpr double kDarkDeviation = 5;

at::Tensor lookup_table(std::vector<std::int64_t> values, at::Device device) {
  const auto table = at::from_blob(values.data(), {static_cast<std::int64_t>(values.size())},
                                   at::TensorOptions(at::kLong));
  return device.is_cpu() ? table.clone() : table.to(device);
}

at::Tensor look_up(const at::Tensor& table, const at::Tensor& keys) {
  return at::index_select(table, 0, keys.reshape({-1})).view(keys.sizes());
}

/// [N] to [N,1,...] with `axes` ones.
at::Tensor spread(const at::Tensor& values, std::size_t axes) {
  std::vector<std::int64_t> shape(axes + 1, 1);
  shape[0] = values.size(0);
  return values.reshape(shape);
}

std::string joined(const std::vector<std::string>& violations) {
  std::string text;
  for (const auto& violation : violations) text += (text.empty() ? "" : "; ") + violation;
  return text;
}

/// Centre of the patch along `axis`: inside the box where the box is larger, around it where the
/// patch is.
at::Tensor random_centre(const DeviceLabelMap& map, std::size_t axis, std::int64_t side,
                         const at::Tensor& uniform) {
  const auto low = static_cast<double>(map.box[axis][0]);
  const auto high = static_cast<double>(map.box[axis][1]);
  const double slack = std::abs(high - low - static_cast<double>(side));
  return (uniform - 0.5) * slack + 0.5 * (low + high - 1);
}

}  // namespace

GenerativeModel::GenerativeModel(const SynthesisOptions& options, const LabelTable& table,
                                 at::Device device)
    : options_(options),
      tensor_options_(at::TensorOptions(at::kFloat).device(device)),
      class_count_(static_cast<int>(table.segmentation_labels().size())),
      intensity_class_count_(table.intensity_class_count()),
      background_row_(table.background_row()) {
  if (const auto violations = options.check(); !violations.empty())
    throw std::invalid_argument(joined(violations));
  std::vector<std::int64_t> mirror, intensity, segmented, stripped;
  for (const auto& row : table.rows()) {
    mirror.push_back(table.row_of(row.contralateral));
    intensity.push_back(row.intensity_class);
    segmented.push_back(table.class_of(row.segmentation_index));
    const auto own = static_cast<std::int64_t>(stripped.size());
    stripped.push_back(table.extracerebral(static_cast<int>(own)) ? background_row_ : own);
  }
  mirror_ = lookup_table(mirror, device);
  intensity_class_ = lookup_table(intensity, device);
  segmented_as_ = lookup_table(segmented, device);
  stripped_ = lookup_table(stripped, device);
}

at::Tensor GenerativeModel::uniform(at::IntArrayRef size, double low, double high,
                                    at::Generator& generator) const {
  return at::rand(size, generator, tensor_options_).mul_(high - low).add_(low);
}

at::Tensor GenerativeModel::chance(std::int64_t images, double probability,
                                   at::Generator& generator) const {
  return at::rand({images}, generator, tensor_options_) < probability;
}

SyntheticBatch GenerativeModel::synthesise(const std::vector<DeviceLabelMap>& maps,
                                           at::Generator& generator) const {
  const c10::AutoGradMode no_gradient(false);
  const auto images = static_cast<std::int64_t>(maps.size());
  const auto flip = chance(images, options_.flip_probability, generator);
  const auto rows = sample_labels(maps, flip, generator);
  const auto strip = chance(images, options_.skull_strip_probability, generator);
  const auto painted =
      at::where(spread(strip, options_.patch.size()), look_up(stripped_, rows), rows);
  SyntheticBatch batch;
  batch.reference = look_up(segmented_as_, rows);
  batch.reference_classes = class_count_;
  batch.intensity_classes = look_up(intensity_class_, painted);
  batch.intensity_class_count = intensity_class_count_;
  const auto paint_values = paint(batch.intensity_classes, generator);
  batch.artefacts = draw_artefacts(images, generator);
  batch.image = apply_artefacts(paint_values, batch.artefacts);
  return batch;
}

at::Tensor GenerativeModel::sample_labels(const std::vector<DeviceLabelMap>& maps,
                                          const at::Tensor& flip, at::Generator& generator) const {
  const auto images = static_cast<std::int64_t>(maps.size());
  const auto axes = static_cast<std::size_t>(options_.dimensions());
  const auto affines = random_affines(options_, images, generator, tensor_options_);
  auto positions = patch_positions(options_, tensor_options_).unsqueeze(0);
  if (options_.velocity_std > 0)
    positions = positions + random_displacements(options_, images, generator, tensor_options_);
  positions = at::bmm(affines, positions.flatten(2).expand({images, -1, -1}));  // [N,d,V]
  const auto centres = at::rand({images, 3}, generator, tensor_options_);
  std::vector<at::Tensor> sampled;
  for (std::size_t n = 0; n < maps.size(); ++n) {
    const auto& map = maps[n];
    const auto image = static_cast<std::int64_t>(n);
    at::Tensor flat, inside;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto length = map.rows.size(static_cast<std::int64_t>(axis));
      const auto u = centres.select(0, image).select(0, static_cast<std::int64_t>(axis));
      at::Tensor position;
      if (axis < axes) {
        position = positions.select(0, image).select(0, static_cast<std::int64_t>(axis)) +
                   random_centre(map, axis, options_.patch[axis], u);
      } else {
        const double margin = options_.slice_margin;
        position = (u * (1 - 2 * margin) + margin) * static_cast<double>(length - 1);
      }
      if (axis == 0)
        position =
            at::where(flip.select(0, image), static_cast<double>(length - 1) - position, position);
      const auto voxel = position.round();
      const auto in_axis = (voxel >= 0).logical_and(voxel <= static_cast<double>(length - 1));
      inside = inside.defined() ? inside.logical_and(in_axis) : in_axis;
      const auto index = voxel.clamp(0, static_cast<double>(length - 1)).to(at::kLong);
      flat = flat.defined() ? flat * length + index : index;
    }
    const auto rows = at::index_select(map.rows.reshape({-1}), 0, flat).to(at::kLong);
    sampled.push_back(rows.masked_fill(inside.logical_not(), background_row_));
  }
  std::vector<std::int64_t> shape{images};
  shape.insert(shape.end(), options_.patch.begin(), options_.patch.end());
  const auto rows = at::stack(sampled).view(shape);
  return at::where(spread(flip, axes), look_up(mirror_, rows), rows);
}

at::Tensor GenerativeModel::paint(const at::Tensor& intensity_classes,
                                  at::Generator& generator) const {
  const auto images = intensity_classes.size(0);
  const std::int64_t size[] = {images, intensity_class_count_};
  auto mean = uniform(size, 0, options_.class_mean, generator);
  auto deviation = uniform(size, 0, options_.class_deviation, generator);
  const auto kind = at::rand({images}, generator, tensor_options_);
  const auto zero = kind < options_.background_zero;
  const auto low = kind < options_.background_zero + options_.background_low;
  const auto redraw = [&](at::Tensor& values, double dark_limit) {
    auto background = values.select(1, 0);  // the background is class 0
    const auto dark = uniform({images}, 0, dark_limit, generator);
    background.copy_(at::where(zero, at::zeros_like(dark), at::where(low, dark, background)));
  };
  redraw(mean, kDarkMean);
  redraw(deviation, kDarkDeviation);
  const auto classes = intensity_classes.reshape({images, -1});
  const auto noise = at::randn(classes.sizes(), generator, tensor_options_);
  auto shape = intensity_classes.sizes().vec();
  shape.insert(shape.begin() + 1, 1);
  return at::gather(deviation, 1, classes)
      .mul_(noise)
      .add_(at::gather(mean, 1, classes))
      .view(shape);
}

Artefacts GenerativeModel::draw_artefacts(std::int64_t images, at::Generator& generator) const {
  Artefacts artefacts;
  artefacts.percentiles = options_.percentiles;
  std::vector<std::int64_t> knots{images, 1};
  for (const auto side : options_.patch) {
    const auto count = std::ceil(options_.bias_grid * static_cast<double>(side));
    knots.push_back(std::max<std::int64_t>(2, static_cast<std::int64_t>(count)));
  }
  const auto std = uniform({images}, 0, options_.bias_std, generator) *
                   chance(images, options_.bias_probability, generator);
  artefacts.log_bias =
      at::randn(knots, generator, tensor_options_) * spread(std, options_.patch.size() + 1);
  artefacts.gamma = at::exp(at::randn({images}, generator, tensor_options_) * options_.gamma_std);
  artefacts.filters = draw_filters(images, generator);
  return artefacts;
}

std::vector<at::Tensor> GenerativeModel::draw_filters(std::int64_t images,
                                                      at::Generator& generator) const {
  const auto kind = at::rand({images}, generator, tensor_options_);
  const double native = options_.isotropic_probability + options_.native_probability;
  const auto isotropic = kind < options_.isotropic_probability;
  const auto sliced = kind >= native;
  const auto axes = options_.dimensions();
  const auto axis_draw = at::rand({images}, generator, tensor_options_) * axes;
  const auto coarse_mm = uniform({images}, 1, options_.isotropic_mm, generator);
  const auto slice_mm = uniform({images}, 1, options_.slice_mm, generator);
  const auto thickness_mm = at::rand({images}, generator, tensor_options_) * (slice_mm - 1) + 1;
  const auto one = at::ones({images}, tensor_options_);
  std::vector<at::Tensor> filters;
  for (int axis = 0; axis < axes; ++axis) {
    const auto here = sliced.logical_and(axis_draw >= axis).logical_and(axis_draw < axis + 1);
    const auto resolution_mm = at::where(isotropic, coarse_mm, at::where(here, slice_mm, one));
    const auto blurred_mm =
        at::where(isotropic, coarse_mm, at::where(here, thickness_mm, at::zeros_like(one)));
    const auto step = (resolution_mm / options_.spacing_mm).clamp_min(1);
    const auto sigma = blurred_mm * (options_.blur_factor / options_.spacing_mm);
    const auto length = options_.patch[static_cast<std::size_t>(axis)];
    filters.push_back(at::bmm(resampling_matrix(step, length), gaussian_matrix(sigma, length)));
  }
  return filters;
}

}  // namespace hypersynth
