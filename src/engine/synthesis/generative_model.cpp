#include "engine/synthesis/generative_model.h"

#include <cmath>
#include <stdexcept>

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <c10/core/GradMode.h>

#include "core/joined.h"
#include "engine/synthesis/acquisition.h"
#include "engine/synthesis/intensity_model.h"
#include "engine/synthesis/spatial_deform.h"

namespace hypersynth {
namespace {

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

/// Centre of the patch along `axis`: inside the box where the box is larger, around it where the
/// patch is.
at::Tensor random_centre(const DeviceLabelMap& map, std::size_t axis, std::int64_t side,
                         const at::Tensor& uniform) {
  const auto low = static_cast<double>(map.box[axis][0]);
  const auto high = static_cast<double>(map.box[axis][1]);
  const double slack = std::abs(high - low - static_cast<double>(side));
  return (uniform - 0.5) * slack + 0.5 * (low + high - 1);
}

/// Position of a 2-D image along the axis that it has not.
at::Tensor random_slice(std::int64_t length, double margin, const at::Tensor& uniform) {
  return (uniform * (1 - 2 * margin) + margin) * static_cast<double>(length - 1);
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
    throw std::invalid_argument(joined(violations, "; "));
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
  const auto intensities =
      random_intensities(options_, images, intensity_class_count_, generator, tensor_options_);
  batch.painted = paint(batch.intensity_classes, intensities, generator);
  batch.artefacts = random_artefacts(options_, images, generator, tensor_options_);
  batch.image = apply_artefacts(batch.painted, batch.artefacts);
  return batch;
}

at::Tensor GenerativeModel::sample_labels(const std::vector<DeviceLabelMap>& maps,
                                          const at::Tensor& flip, at::Generator& generator) const {
  const auto images = static_cast<std::int64_t>(maps.size());
  const auto positions = random_positions(options_, images, generator, tensor_options_);
  const auto centres = at::rand({images, 3}, generator, tensor_options_);
  std::vector<at::Tensor> sampled;
  for (std::int64_t n = 0; n < images; ++n) {
    sampled.push_back(sample(maps[static_cast<std::size_t>(n)], positions.select(0, n),
                             centres.select(0, n), flip.select(0, n)));
  }
  const auto rows = at::stack(sampled);
  return at::where(spread(flip, options_.patch.size()), look_up(mirror_, rows), rows);
}

/// Rows of `map` nearest to `positions` [d,...] around a centre placed by `centre` [3] (uniform in
/// 0 to 1), mirrored along X where `flip` (scalar) is true; background outside the map.
at::Tensor GenerativeModel::sample(const DeviceLabelMap& map, const at::Tensor& positions,
                                   const at::Tensor& centre, const at::Tensor& flip) const {
  at::Tensor flat, inside;
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    const auto length = map.rows.size(axis);
    const auto last = static_cast<double>(length - 1);
    auto position = axis < positions.size(0)
                        ? positions.select(0, axis) +
                              random_centre(map, static_cast<std::size_t>(axis),
                                            positions.size(axis + 1), centre.select(0, axis))
                        : random_slice(length, options_.slice_margin, centre.select(0, axis));
    if (axis == 0) position = at::where(flip, last - position, position);
    const auto voxel = position.round();
    const auto in_axis = (voxel >= 0).logical_and(voxel <= last);
    inside = inside.defined() ? inside.logical_and(in_axis) : in_axis;
    const auto index = voxel.clamp(0, last).to(at::kLong);
    flat = flat.defined() ? flat * length + index : index;
  }
  const auto rows = at::index_select(map.rows.reshape({-1}), 0, flat.reshape({-1}));
  return rows.view(flat.sizes()).to(at::kLong).masked_fill(inside.logical_not(), background_row_);
}

}  // namespace hypersynth
