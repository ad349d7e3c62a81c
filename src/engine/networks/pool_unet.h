#pragma once

#include <vector>

#include "engine/model/pool_unet_layers.h"
#include "engine/networks/network.h"

namespace hypersynth {

/// The forward pass of the default model's U-Net on libtorch; PoolUnetLayers says what it is.
class PoolUnet : public Network {
 public:
  explicit PoolUnet(const PoolUnetOptions& options);

  at::Tensor forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                     const NormStatistics& norm = {}) const override;
  std::int64_t side_multiple() const override { return options_.side_multiple(); }

 private:
  at::Tensor apply(at::Tensor x, const PoolUnetLayers::Level& level,
                   const std::vector<at::Tensor>& parameters, const NormStatistics& norm) const;

  PoolUnetOptions options_;
  PoolUnetLayers layers_;
};

}  // namespace hypersynth
