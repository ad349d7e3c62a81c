#pragma once

#include <vector>

#include "engine/model/dilated_net_layers.h"
#include "engine/networks/network.h"

namespace hypersynth {

/// The forward pass of the smallest network on libtorch; DilatedNetLayers says what it is.
class DilatedNet : public Network {
 public:
  explicit DilatedNet(const DilatedNetOptions& options);

  at::Tensor forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                     const NormStatistics& norm = {}) const override;

 private:
  DilatedNetLayers layers_;
};

}  // namespace hypersynth
