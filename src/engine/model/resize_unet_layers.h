#pragma once

#include <vector>

#include "engine/model/network_tensors.h"

namespace hypersynth {

/// Parameters of the U-Net of the Learn2Synth paper; see ResizeUnetLayers.
struct ResizeUnetOptions {
  static constexpr const char* kName = "resize-unet";

  int dimensions = 2;
  std::int64_t in_channels = 1;
  std::int64_t out_channels = 2;
  /// Features of each level, finest first.
  std::vector<std::int64_t> features{16, 32, 64};
  /// 3x3 convolutions per level and direction.
  int convolutions = 2;
  Norm norm = Norm::kNone;

  static ResizeUnetOptions from(const NetworkChoice& choice);
  /// Images of any size: it is resized to half of it, rounded down, and back.
  std::int64_t side_multiple() const { return 1; }

  /// As PoolUnetOptions::visit_fields.
  template <typename Self, typename Visit>
  static void visit_fields(Self& self, Visit&& visit) {
    visit("dimensions", self.dimensions, 2, 3);
    visit("features", self.features, 1, 1 << 23);
    visit("convolutions", self.convolutions, 1, 16);
    visit("norm", self.norm, {Norm::kNone, Norm::kInstance, Norm::kBatch});
  }
};

/// The tensors of the U-Net of the Learn2Synth paper (Hu et al. 2025). A linear 3x3 convolution,
/// levels of 3x3 convolution + ELU (+ norm), down and up by linear resizing (corners aligned) with
/// a 1x1 convolution + ELU (+ norm), a linear 1x1 head. Tensors are named as in the authors'
/// published code: `0.conv`, `1.encoder.*`, `1.decoder.*`, `2.conv`.
struct ResizeUnetLayers {
  using Group = std::vector<LayerTensors>;

  explicit ResizeUnetLayers(const ResizeUnetOptions& options);

  NetworkTensors tensors;
  std::size_t first = 0;           ///< The linear convolution's position.
  std::vector<Group> encoder;      ///< One per level but the coarsest (level 0 always).
  std::vector<LayerTensors> down;  ///< Into level 1, 2, ...
  std::vector<Group> decoder;      ///< Coarsest first.
  std::vector<LayerTensors> up;
  std::size_t head = 0;  ///< The convolution's position.
};

inline NetworkTensors tensors_of(const ResizeUnetOptions& options) {
  return ResizeUnetLayers(options).tensors;
}

}  // namespace hypersynth
