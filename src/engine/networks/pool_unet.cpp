#include "engine/networks/pool_unet.h"

#include <string>

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
    : Network(options.dimensions), norm_(options.norm) {
  std::int64_t in = options.in_channels;
  for (int l = 0; l < options.levels; ++l) {
    const std::int64_t out = options.base_features << l;
    encoder_.push_back(add_level("encoder." + std::to_string(l), in, out));
    in = out;
  }
  for (int l = 0; l + 1 < options.levels; ++l) {
    const std::int64_t out = options.base_features << l;
    decoder_.push_back(add_level("decoder." + std::to_string(l), 3 * out, out));
  }
  head_ = add_convolution("head", options.base_features, options.out_channels, 1);
}

PoolUnet::Level PoolUnet::add_level(const std::string& name, std::int64_t in, std::int64_t out) {
  Level level;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto suffix = std::to_string(i);
    level.convolution[i] = add_convolution(name + ".conv" + suffix, i == 0 ? in : out, out, 3);
    if (norm_ == Norm::kBatch)
      level.norm[i] = add_batch_norm(name + ".norm" + suffix, out, level.buffer[i]);
  }
  return level;
}

at::Tensor PoolUnet::apply(at::Tensor x, const Level& level,
                           const std::vector<at::Tensor>& parameters,
                           const NormStatistics& norm) const {
  for (std::size_t i = 0; i < 2; ++i) {
    x = convolve(x, parameters, level.convolution[i]);
    at::elu_(x);
    if (norm_ == Norm::kBatch)
      x = batch_normalise(x, parameters, level.norm[i], level.buffer[i], norm);
  }
  return x;
}

at::Tensor PoolUnet::forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                             const NormStatistics& norm) const {
  std::vector<at::Tensor> skips;
  auto x = image;
  for (std::size_t l = 0; l < encoder_.size(); ++l) {
    x = apply(x, encoder_[l], parameters, norm);
    if (l + 1 == encoder_.size()) break;
    skips.push_back(x);
    x = halve(x);
  }
  for (std::size_t l = decoder_.size(); l-- > 0;) {
    x = at::cat({enlarge(x, skips[l].sizes().slice(2)), skips[l]}, 1);
    skips.pop_back();
    x = apply(x, decoder_[l], parameters, norm);
  }
  return convolve(x, parameters, head_);
}

std::int64_t PoolUnet::side_multiple() const { return std::int64_t{1} << (encoder_.size() - 1); }

}  // namespace hypersynth
