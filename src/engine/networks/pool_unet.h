#pragma once

#include <vector>

#include "engine/networks/network.h"

namespace hypersynth {

/// The U-Net of the default model.
struct PoolUnetOptions {
  int dimensions = 3;
  std::int64_t in_channels = 1;
  std::int64_t out_channels = 33;
  int levels = 5;
  /// Features of level l: base_features * 2^l. Multiples of 16 run at full AVX-512 speed.
  std::int64_t base_features = 16;
  /// Batch or none.
  Norm norm = Norm::kBatch;
};

/// Per level two of (3x3 convolution, ELU, batch normalisation); down by max pooling, up by
/// nearest neighbours, concatenation [upsampled, skip], a 1x1 head. Parameters are named
/// `encoder.L.conv{0,1}`, `encoder.L.norm{0,1}`, `decoder.L...` (L is the level, 0 the finest) and
/// `head`, as in the model files. Image sides: multiples of 2^(levels - 1).
class PoolUnet : public Network {
 public:
  explicit PoolUnet(const PoolUnetOptions& options);

  at::Tensor forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                     const NormStatistics& norm = {}) const override;
  std::int64_t side_multiple() const override;

 private:
  struct Level {
    std::size_t convolution[2] = {0, 0};
    std::size_t norm[2] = {0, 0};
    std::size_t buffer[2] = {0, 0};
  };

  Level add_level(const std::string& name, std::int64_t in, std::int64_t out);
  at::Tensor apply(at::Tensor x, const Level& level, const std::vector<at::Tensor>& parameters,
                   const NormStatistics& norm) const;

  Norm norm_;
  std::vector<Level> encoder_;  // finest first
  std::vector<Level> decoder_;  // finest first, one fewer
  std::size_t head_ = 0;
};

}  // namespace hypersynth
