#pragma once

#include <array>
#include <vector>

#include "engine/model/network_tensors.h"

namespace hypersynth {

/// Parameters of the U-Net of the default model; see PoolUnetLayers.
struct PoolUnetOptions {
  static constexpr const char* kName = "pool-unet";

  int dimensions = 3;
  std::int64_t in_channels = 1;
  std::int64_t out_channels = 33;
  int levels = 5;
  /// Features of level l: base_features * 2^l. Multiples of 16 run at full AVX-512 speed.
  std::int64_t base_features = 16;
  /// Batch or none.
  Norm norm = Norm::kBatch;

  static PoolUnetOptions from(const NetworkChoice& choice);
  /// Features of level `level`, 0 = finest.
  std::int64_t features(int level) const { return base_features << level; }
  /// Image sides must be multiples of this, in voxels.
  std::int64_t side_multiple() const { return std::int64_t{1} << (levels - 1); }

  /// Calls visit(name, field, smallest value, largest value) for what a model file stores.
  template <typename Self, typename Visit>
  static void visit_fields(Self& self, Visit&& visit) {
    visit("dimensions", self.dimensions, 2, 3);
    visit("levels", self.levels, 1, 8);
    visit("base_features", self.base_features, 1, 1 << 16);
    visit("norm", self.norm, {Norm::kNone, Norm::kBatch});
  }
};

/// The tensors of the U-Net of the default model (Ronneberger et al. 2015, as in Billot et al.
/// 2023). Per level two of (3x3x3 convolution, ELU, batch normalisation); down by max pooling over
/// 2 voxels, up by nearest neighbours; a decoder level takes [upsampled, skip], concatenated; a
/// 1x1x1 head. Tensors are named `encoder.L.conv{0,1}`, `encoder.L.norm{0,1}`, `decoder.L...` (L is
/// the level, 0 the finest) and `head`.
struct PoolUnetLayers {
  using Level = std::array<LayerTensors, 2>;

  explicit PoolUnetLayers(const PoolUnetOptions& options);

  NetworkTensors tensors;
  std::vector<Level> encoder;  ///< Finest first.
  std::vector<Level> decoder;  ///< Finest first, one fewer.
  std::size_t head = 0;        ///< The convolution's position.
};

inline NetworkTensors tensors_of(const PoolUnetOptions& options) {
  return PoolUnetLayers(options).tensors;
}

}  // namespace hypersynth
