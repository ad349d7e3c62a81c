#include "engine/networks/resize_unet.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/instance_norm.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_trilinear3d.h>

namespace hypersynth {
namespace {

at::Tensor resize(const at::Tensor& x, at::IntArrayRef size) {
  return x.dim() == 5 ? at::upsample_trilinear3d(x, size, true)
                      : at::upsample_bilinear2d(x, size, true);
}

std::vector<std::int64_t> half_size(const at::Tensor& x) {
  std::vector<std::int64_t> size;
  for (int axis = 2; axis < x.dim(); ++axis) size.push_back(x.size(axis) / 2);
  return size;
}

}  // namespace

ResizeUnet::ResizeUnet(const ResizeUnetOptions& options)
    : Network(tensors_of(options)), norm_(options.norm), layers_(options) {}

at::Tensor ResizeUnet::apply(const at::Tensor& x, const LayerTensors& layer,
                             const std::vector<at::Tensor>& parameters,
                             const NormStatistics& norm) const {
  auto y = convolve(x, parameters, layer.convolution);
  at::elu_(y);
  if (norm_ == Norm::kInstance)
    return at::instance_norm(y, {}, {}, {}, {}, true, 0.1, kNormEpsilon, true);
  if (norm_ == Norm::kBatch) return batch_normalise(y, parameters, layer, norm);
  return y;
}

at::Tensor ResizeUnet::apply(at::Tensor x, const ResizeUnetLayers::Group& group,
                             const std::vector<at::Tensor>& parameters,
                             const NormStatistics& norm) const {
  for (const auto& layer : group) x = apply(x, layer, parameters, norm);
  return x;
}

at::Tensor ResizeUnet::forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                               const NormStatistics& norm) const {
  auto x = apply(convolve(image, parameters, layers_.first), layers_.encoder[0], parameters, norm);
  std::vector<at::Tensor> skips;
  for (std::size_t n = 0; n < layers_.down.size(); ++n) {
    skips.push_back(x);
    x = apply(resize(x, half_size(x)), layers_.down[n], parameters, norm);
    if (n + 1 < layers_.down.size()) x = apply(x, layers_.encoder[n + 1], parameters, norm);
  }
  x = apply(x, layers_.decoder[0], parameters, norm);
  for (std::size_t n = 0; n < layers_.up.size(); ++n) {
    const auto skip = skips.back();
    skips.pop_back();
    x = resize(apply(x, layers_.up[n], parameters, norm), skip.sizes().slice(2));
    x = apply(at::cat({x, skip}, 1), layers_.decoder[n + 1], parameters, norm);
  }
  return convolve(x, parameters, layers_.head);
}

}  // namespace hypersynth
