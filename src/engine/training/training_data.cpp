#include "engine/training/training_data.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>

#include "core/error.h"

namespace hypersynth {
namespace {

/// The array on the device; on the CPU the mapped file itself, which nothing may write to.
template <typename T>
at::Tensor on_device(const T* data, const PackedVolume& volume, at::ScalarType type,
                     at::Device device) {
  const auto view =
      at::from_blob(const_cast<T*>(data), {volume.shape[0], volume.shape[1], volume.shape[2]},
                    at::TensorOptions(type));
  return device.is_cpu() ? view : view.to(device);
}

/// Start of a patch of `side` voxels along an axis, inside the box where it is larger; may be
/// negative where the volume is smaller than the patch.
std::int64_t random_start(const std::array<std::int64_t, 2>& box, std::int64_t side,
                          std::mt19937_64& random) {
  const auto slack = box[1] - box[0] - side;
  std::uniform_int_distribution<std::int64_t> shift(std::min<std::int64_t>(0, slack),
                                                    std::max<std::int64_t>(0, slack));
  return box[0] + shift(random);
}

/// `side` voxels from `start` along `axis`, `fill` outside.
at::Tensor slice_or_pad(const at::Tensor& x, std::int64_t axis, std::int64_t start,
                        std::int64_t side, double fill) {
  const auto length = x.size(axis);
  const auto low = std::min(std::max<std::int64_t>(0, start), length);
  const auto high = std::max(low, std::min(length, start + side));
  if (low == start && high == start + side) return x.slice(axis, low, high);
  auto shape = x.sizes().vec();
  shape[static_cast<std::size_t>(axis)] = side;
  auto padded = at::full(shape, fill, x.options());
  const auto offset = low - start;
  padded.slice(axis, offset, offset + high - low).copy_(x.slice(axis, low, high));
  return padded;
}

template <typename T>
const T& random_element(const std::vector<T>& list, std::mt19937_64& random) {
  return list[std::uniform_int_distribution<std::size_t>(0, list.size() - 1)(random)];
}

}  // namespace

TrainingData::TrainingData(const PackedData& packed, const SynthesisOptions& synthesis,
                           at::Device device, bool synthetic, bool real)
    : table_(packed.table()),
      patch_(synthesis.patch),
      slice_margin_(synthesis.slice_margin),
      flip_probability_(synthesis.flip_probability),
      device_(device) {
  for (const auto& volume : packed.real_images()) {
    auto& list = volume.validation ? validation_images_ : images_;
    if (volume.validation || real) list.push_back(upload_real(volume));
  }
  for (const auto& volume : packed.label_maps()) {
    auto& list = volume.validation ? validation_maps_ : maps_;
    if (volume.validation ? validation_images_.empty() : synthetic)
      list.push_back({on_device(volume.labels, volume, at::kByte, device), volume.box});
  }
  if (synthetic && maps_.empty())
    throw InputError(packed.path(), "label maps to synthesise from", "none");
  if (real && images_.empty()) throw InputError(packed.path(), "real images with labels", "none");
  std::vector<std::int64_t> mirror;
  for (const auto label : table_.segmentation_labels()) {
    const auto row = static_cast<std::size_t>(table_.row_of(label));
    const int other = table_.class_of(table_.rows()[row].contralateral);
    mirror.push_back(other < 0 ? table_.class_of(label) : other);
  }
  std::set<std::int64_t> undrawn;
  for (const auto label : packed.undrawn_labels()) {
    const auto one_side = table_.class_of(label);
    undrawn.insert({one_side, mirror[static_cast<std::size_t>(one_side)]});
  }
  undrawn_classes_.assign(undrawn.begin(), undrawn.end());
  mirror.push_back(kIgnoredLabel);
  mirror_class_ = at::from_blob(mirror.data(), {static_cast<std::int64_t>(mirror.size())},
                                at::TensorOptions(at::kLong))
                      .clone()
                      .to(device);
}

DeviceImage TrainingData::upload_real(const PackedVolume& volume) {
  const auto end = volume.labels + volume.voxel_count();
  has_ignored_voxels_ = has_ignored_voxels_ || std::find(volume.labels, end, kIgnoredVoxel) != end;
  return {on_device(volume.image, volume, at::kFloat, device_),
          on_device(volume.labels, volume, at::kByte, device_), volume.box};
}

std::vector<DeviceLabelMap> TrainingData::random_maps(std::size_t count,
                                                      std::mt19937_64& random) const {
  std::vector<DeviceLabelMap> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(random_element(maps_, random));
  return chosen;
}

OuterBatch TrainingData::random_real(std::size_t count, std::mt19937_64& random) const {
  std::vector<at::Tensor> images, references;
  for (std::size_t n = 0; n < count; ++n) {
    const auto& real = random_element(images_, random);
    auto image = real.image;
    auto classes = real.classes;
    for (std::size_t axis = 0; axis < patch_.size(); ++axis) {
      const auto start = random_start(real.box[axis], patch_[axis], random);
      const auto dim = static_cast<std::int64_t>(axis);
      image = slice_or_pad(image, dim, start, patch_[axis], 0);
      classes = slice_or_pad(classes, dim, start, patch_[axis], 0);
    }
    if (patch_.size() == 2) {
      const auto slices = image.size(2);
      const auto margin =
          static_cast<std::int64_t>(slice_margin_ * static_cast<double>(slices - 1));
      const auto slice =
          std::uniform_int_distribution<std::int64_t>(margin, slices - 1 - margin)(random);
      image = image.select(2, slice);
      classes = classes.select(2, slice);
    }
    auto reference = reference_of(classes);
    if (std::bernoulli_distribution(flip_probability_)(random)) {
      image = image.flip(0);
      const auto last = mirror_class_.size(0) - 1;
      const auto keys = at::where(reference < 0, at::full_like(reference, last), reference);
      reference = at::index_select(mirror_class_, 0, keys.flip(0).reshape({-1})).view(keys.sizes());
    }
    images.push_back(image.unsqueeze(0));
    references.push_back(reference);
  }
  return {at::stack(images), at::stack(references)};
}

at::Tensor reference_of(const at::Tensor& classes) {
  const auto ignored = classes == static_cast<std::int64_t>(kIgnoredVoxel);
  return classes.to(at::kLong).masked_fill(ignored, kIgnoredLabel);
}

at::Tensor class_statistics(const std::vector<DeviceImage>& images, int classes) {
  auto result = at::full({3, classes}, std::nan(""), at::TensorOptions(at::kFloat));
  for (int k = 0; k < classes; ++k) {
    std::vector<at::Tensor> means, deviations;
    for (const auto& image : images) {
      const auto values = image.image.masked_select(image.classes == k);
      if (values.numel() < 2) continue;
      means.push_back(values.mean().cpu());
      deviations.push_back(values.std().cpu());
    }
    if (means.empty()) continue;
    const auto mean = at::stack(means);
    result[0][k] = mean.mean();
    if (means.size() > 1) result[1][k] = mean.std();
    result[2][k] = at::stack(deviations).mean();
  }
  return result;
}

}  // namespace hypersynth
