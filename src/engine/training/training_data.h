#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/bilevel/inner_problem.h"
#include "engine/data/packed_data.h"
#include "engine/synthesis/generative_model.h"

namespace hypersynth {

/// A real image on the device.
struct DeviceImage {
  at::Tensor image;    // [X,Y,Z] float32
  at::Tensor classes;  // [X,Y,Z] uint8, kIgnoredVoxel where nothing counts
  VoxelRanges box{};
};

/// The reference that a loss takes (int64, kIgnoredLabel where nothing counts) of such classes.
at::Tensor reference_of(const at::Tensor& classes);

/// The volumes of a packed file on the device, and random batches of them. On the CPU they stay in
/// the mapped file: `packed` must outlive this.
class TrainingData {
 public:
  /// Label maps and real images to train on are there where `synthetic` and `real` ask for them;
  /// throws InputError where the file lacks them.
  TrainingData(const PackedData& packed, const SynthesisOptions& synthesis, at::Device device,
               bool synthetic, bool real);

  std::vector<DeviceLabelMap> random_maps(std::size_t count, std::mt19937_64& random) const;
  /// Patches at random places of the structures, mirrored with their labels as often as synthetic
  /// images are.
  OuterBatch random_real(std::size_t count, std::mt19937_64& random) const;

  const std::vector<DeviceLabelMap>& validation_maps() const { return validation_maps_; }
  const std::vector<DeviceImage>& validation_images() const { return validation_images_; }
  const std::vector<DeviceImage>& real_images() const { return images_; }
  const LabelTable& table() const { return table_; }
  /// Some reference has voxels that count in no loss.
  bool has_ignored_voxels() const { return has_ignored_voxels_; }
  /// Classes that the references of real images leave in their background, ascending. Of a pair it
  /// is both: a mirrored patch has the drawn one where its image shows the other.
  const std::vector<std::int64_t>& undrawn_classes() const { return undrawn_classes_; }

 private:
  DeviceImage upload_real(const PackedVolume& volume);

  LabelTable table_;
  std::vector<std::int64_t> patch_;
  double slice_margin_;
  double flip_probability_;
  at::Device device_;
  std::vector<DeviceLabelMap> maps_, validation_maps_;
  std::vector<DeviceImage> images_, validation_images_;
  at::Tensor mirror_class_;  // [K + 1] class of the other side; the last is the ignored one
  bool has_ignored_voxels_ = false;
  std::vector<std::int64_t> undrawn_classes_;
};

/// Mean, spread between images and deviation inside an image of each class over the real images,
/// [3,K] (float32, CPU), NaN where a class has no voxel: starting values of an intensity prior.
at::Tensor class_statistics(const std::vector<DeviceImage>& images, int classes);

}  // namespace hypersynth
