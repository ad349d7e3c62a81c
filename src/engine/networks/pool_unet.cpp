#include "engine/networks/pool_unet.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/max_pool3d.h>
#include <ATen/ops/upsample_nearest2d.h>
#include <ATen/ops/upsample_nearest3d.h>

namespace hypersynth {
namespace {

at::Tensor halve(const at::Tensor& x) {
  return x.dim() == 5 ? at::max_pool3d(x, 2) : at::max_pool2d(x, 2);
}

at::Tensor enlarge(const at::Tensor& x, at::IntArrayRef size) {
  return x.dim() == 5 ? at::upsample_nearest3d(x, size) : at::upsample_nearest2d(x, size);
}

}  // namespace

PoolUnet::PoolUnet(const PoolUnetOptions& options)
    : Network(tensors_of(options)), options_(options), layers_(options) {}

at::Tensor PoolUnet::apply(at::Tensor x, const PoolUnetLayers::Level& level,
                           const std::vector<at::Tensor>& parameters,
                           const NormStatistics& norm) const {
  for (const auto& layer : level) {
    x = convolve(x, parameters, layer.convolution);
    at::elu_(x);
    if (options_.norm == Norm::kBatch) x = batch_normalise(x, parameters, layer, norm);
  }
  return x;
}

at::Tensor PoolUnet::forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                             const NormStatistics& norm) const {
  std::vector<at::Tensor> skips;
  auto x = image;
  for (std::size_t l = 0; l < layers_.encoder.size(); ++l) {
    x = apply(x, layers_.encoder[l], parameters, norm);
    if (l + 1 == layers_.encoder.size()) break;
    skips.push_back(x);
    x = halve(x);
  }
  for (std::size_t l = layers_.decoder.size(); l-- > 0;) {
    x = at::cat({enlarge(x, skips[l].sizes().slice(2)), skips[l]}, 1);
    skips.pop_back();
    x = apply(x, layers_.decoder[l], parameters, norm);
  }
  return convolve(x, parameters, layers_.head);
}

}  // namespace hypersynth
