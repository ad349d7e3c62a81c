#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/model/safetensors.h"

namespace hypersynth {

/// Labels of a model, so that 16 bits number its channels.
constexpr std::size_t kMostLabels = std::size_t{1} << 16;

/// A structure that the network segments; its position in `Model::labels` is its channel.
struct ModelLabel {
  std::int32_t index = 0;  ///< Value in label maps (FreeSurfer numbering in the default model).
  std::string name;        ///< "left hippocampus"
};

/// Shape of the U-Net of the default model: `levels` resolutions with base_features * 2^level
/// features, two (conv3, ELU, BatchNorm) per level, max pooling, nearest upsampling.
struct UnetSpec {
  int levels = 5;
  int base_features = 16;
  int classes = 0;

  /// Features of resolution `level`, 0 = finest.
  int features(int level) const { return base_features << level; }
  /// The side of a volume must be a multiple of this, in voxels.
  int stride() const { return 1 << (levels - 1); }
};

/// What the network expects of its input.
struct InputRecipe {
  double spacing_mm = 1;          ///< Of cubic voxels.
  double low_percentile = 0.5;    ///< Maps to 0.
  double high_percentile = 99.5;  ///< Maps to 1.
  double clamp_min = 0;
  double clamp_max = 1.2;
};

/// A trained network as read from its file: weights, and the labels and recipe of its metadata.
struct Model {
  std::string name;  ///< File name without extension.
  Safetensors weights;
  std::vector<ModelLabel> labels;
  UnetSpec unet;
  InputRecipe input;
  bool learned_synthesis = false;  ///< Its synthesis was tuned by hypergradients (Learn2Synth).

  /// For each channel the channel of the same structure on the other side ("left x" <-> "right x"),
  /// itself for structures on the midline.
  std::vector<int> contralateral() const;
  /// Channel whose label has index 0.
  int background() const;
};

/// Reads a model and checks that its metadata and tensors belong together; throws InputError.
Model read_model(const std::filesystem::path& path);

/// As read_model, from a file already in memory.
Model parse_model(Safetensors weights);

}  // namespace hypersynth
