#include "engine/networks/dilated_net.h"

#include <ATen/ops/elu.h>

namespace hypersynth {

DilatedNet::DilatedNet(const DilatedNetOptions& options)
    : Network(tensors_of(options)), layers_(options) {}

at::Tensor DilatedNet::forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                               const NormStatistics& /*norm*/) const {
  auto x = image;
  std::int64_t dilation = 1;
  for (const auto weight : layers_.convolutions) {
    x = convolve(x, parameters, weight, dilation);
    at::elu_(x);
    dilation *= 2;
  }
  return convolve(x, parameters, layers_.head);
}

}  // namespace hypersynth
