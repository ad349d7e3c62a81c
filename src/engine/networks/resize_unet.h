#pragma once

#include <vector>

#include "engine/model/resize_unet_layers.h"
#include "engine/networks/network.h"

namespace hypersynth {

/// The forward pass of the Learn2Synth paper's U-Net on libtorch; ResizeUnetLayers says what it is.
class ResizeUnet : public Network {
 public:
  explicit ResizeUnet(const ResizeUnetOptions& options);

  at::Tensor forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                     const NormStatistics& norm = {}) const override;

 private:
  at::Tensor apply(const at::Tensor& x, const LayerTensors& layer,
                   const std::vector<at::Tensor>& parameters, const NormStatistics& norm) const;
  at::Tensor apply(at::Tensor x, const ResizeUnetLayers::Group& group,
                   const std::vector<at::Tensor>& parameters, const NormStatistics& norm) const;

  Norm norm_;
  ResizeUnetLayers layers_;
};

}  // namespace hypersynth
