#include "engine/networks/dilated_net.h"

#include <string>

#include <ATen/ops/elu.h>

namespace hypersynth {

DilatedNet::DilatedNet(const DilatedNetOptions& options) : Network(options.dimensions) {
  std::int64_t in = options.in_channels;
  for (int i = 0; i < options.convolutions; ++i) {
    convolutions_.push_back(add_convolution("conv" + std::to_string(i), in, options.features, 3));
    in = options.features;
  }
  head_ = add_convolution("head", in, options.out_channels, 1);
}

at::Tensor DilatedNet::forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                               const NormStatistics& /*norm*/) const {
  auto x = image;
  std::int64_t dilation = 1;
  for (const auto weight : convolutions_) {
    x = convolve(x, parameters, weight, dilation);
    at::elu_(x);
    dilation *= 2;
  }
  return convolve(x, parameters, head_);
}

}  // namespace hypersynth
