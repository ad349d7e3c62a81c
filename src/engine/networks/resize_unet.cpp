#include "engine/networks/resize_unet.h"

#include <string>

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
    : Network(options.dimensions), norm_(options.norm) {
  const auto& features = options.features;
  const int levels = static_cast<int>(features.size());
  first_ = add_convolution("0.conv", options.in_channels, features[0], 3);
  const int groups = options.convolutions;
  encoder_.resize(static_cast<std::size_t>(levels == 1 ? 1 : levels - 1));
  for (auto& group : encoder_) group.resize(static_cast<std::size_t>(groups));
  encoder_[0] = add_group("1.encoder.0", features[0], features[0]);
  for (int n = 1; n < levels; ++n) {
    const auto level = static_cast<std::size_t>(n);
    const std::string name = "1.encoder." + std::to_string(n);
    const bool coarsest = n == levels - 1;
    down_.push_back(add_block(name + (coarsest ? ".conv" : ".down.conv"), features[level - 1],
                              features[level], 1));
    if (!coarsest) encoder_[level] = add_group(name + ".conv", features[level], features[level]);
  }
  for (int n = 0; n < levels; ++n) {
    const auto level = static_cast<std::size_t>(levels - 1 - n);
    const std::string name = "1.decoder." + std::to_string(n);
    const bool finest = level == 0;
    const std::int64_t in = n == 0 ? features[level] : 2 * features[level];
    decoder_.push_back(add_group(name + (finest ? "" : ".conv"), in, features[level]));
    if (!finest)
      up_.push_back(add_block(name + ".up.conv", features[level], features[level - 1], 1));
  }
  head_ = add_convolution("2.conv", features[0], options.out_channels, 1);
}

ResizeUnet::Block ResizeUnet::add_block(const std::string& name, std::int64_t in, std::int64_t out,
                                        std::int64_t kernel) {
  Block block;
  block.weight = add_convolution(name + ".conv", in, out, kernel);
  if (norm_ == Norm::kBatch)
    block.norm_weight = add_batch_norm(name + ".norm", out, block.norm_buffer);
  return block;
}

ResizeUnet::Group ResizeUnet::add_group(const std::string& name, std::int64_t in,
                                        std::int64_t out) {
  Group group(encoder_[0].size());
  for (std::size_t i = 0; i < group.size(); ++i) {
    group[i] = add_block(name + "." + std::to_string(i), i == 0 ? in : out, out, 3);
  }
  return group;
}

at::Tensor ResizeUnet::apply(const at::Tensor& x, const Block& block,
                             const std::vector<at::Tensor>& parameters,
                             const NormStatistics& norm) const {
  auto y = convolve(x, parameters, block.weight);
  at::elu_(y);
  if (norm_ == Norm::kInstance) return at::instance_norm(y, {}, {}, {}, {}, true, 0.1, 1e-5, true);
  if (norm_ == Norm::kBatch)
    return batch_normalise(y, parameters, block.norm_weight, block.norm_buffer, norm);
  return y;
}

at::Tensor ResizeUnet::apply(at::Tensor x, const Group& group,
                             const std::vector<at::Tensor>& parameters,
                             const NormStatistics& norm) const {
  for (const auto& block : group) x = apply(x, block, parameters, norm);
  return x;
}

at::Tensor ResizeUnet::forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                               const NormStatistics& norm) const {
  auto x = apply(convolve(image, parameters, first_), encoder_[0], parameters, norm);
  std::vector<at::Tensor> skips;
  for (std::size_t n = 0; n < down_.size(); ++n) {
    skips.push_back(x);
    x = apply(resize(x, half_size(x)), down_[n], parameters, norm);
    if (n + 1 < down_.size()) x = apply(x, encoder_[n + 1], parameters, norm);
  }
  x = apply(x, decoder_[0], parameters, norm);
  for (std::size_t n = 0; n < up_.size(); ++n) {
    const auto skip = skips.back();
    skips.pop_back();
    x = resize(apply(x, up_[n], parameters, norm), skip.sizes().slice(2));
    x = apply(at::cat({x, skip}, 1), decoder_[n + 1], parameters, norm);
  }
  return convolve(x, parameters, head_);
}

}  // namespace hypersynth
