#pragma once

#include <array>
#include <string>
#include <vector>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "engine/data/label_table.h"
#include "engine/synthesis/synthesis_options.h"
#include "engine/synthesis/synthetic_batch.h"

namespace hypersynth {

/// A label map on the device: rows of the label table, [X,Y,Z] uint8, X running left to right.
struct DeviceLabelMap {
  at::Tensor rows;
  /// Half-open box of the segmented structures: low and high of X, Y, Z.
  std::array<std::array<std::int64_t, 2>, 3> box{};
};

/// Images from label maps (SynthSeg, Billot et al. 2023): deformation, crop, flip, one Gaussian of
/// grey values per class, bias field, gamma, resolution. Every draw and every operation happens on
/// the device, with no host synchronisation. The images of a batch are independent.
class GenerativeModel {
 public:
  /// Throws std::invalid_argument with every violation of the options.
  GenerativeModel(const SynthesisOptions& options, const LabelTable& table, at::Device device);

  /// One image of each map, in float32, with its reference.
  SyntheticBatch synthesise(const std::vector<DeviceLabelMap>& maps,
                            at::Generator& generator) const;

  const SynthesisOptions& options() const { return options_; }
  int class_count() const { return class_count_; }
  int intensity_class_count() const { return intensity_class_count_; }

  /// The steps up to the flip: rows of the label table at the patch of each map after affine,
  /// deformation and crop; where `flip` [N] is true the map is mirrored and its labels are those of
  /// the other side. [N,...].
  at::Tensor sample_labels(const std::vector<DeviceLabelMap>& maps, const at::Tensor& flip,
                           at::Generator& generator) const;

 private:
  at::Tensor chance(std::int64_t images, double probability, at::Generator& generator) const;
  at::Tensor sample(const DeviceLabelMap& map, const at::Tensor& positions,
                    const at::Tensor& centre, const at::Tensor& flip) const;

  SynthesisOptions options_;
  at::TensorOptions tensor_options_;
  int class_count_ = 0;
  int intensity_class_count_ = 0;
  std::int64_t background_row_ = 0;
  at::Tensor mirror_;           // [rows] row of the other side
  at::Tensor intensity_class_;  // [rows]
  at::Tensor segmented_as_;     // [rows] network class
  at::Tensor stripped_;         // [rows] row left by skull stripping
};

}  // namespace hypersynth
