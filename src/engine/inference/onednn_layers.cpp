#include "engine/inference/onednn_layers.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace hypersynth {

namespace {

using dnnl::memory;
using Tag = memory::format_tag;

constexpr auto kFloat = memory::data_type::f32;

Tag tag_of(const FeatureLayout& layout) {
  if (layout.channels_last) return Tag::ndhwc;
  return block_channels() == 16 ? Tag::nCdhw16c : Tag::nCdhw8c;
}

/// Of one channel, which lies in memory alike in both: beside features that lie channels last
/// oneDNN has a kernel for ndhwc alone, beside blocks for ncdhw alone.
Tag plain_tag(const FeatureLayout& layout) {
  return layout.channels_last ? Tag::ndhwc : Tag::ncdhw;
}

/// Copies a [out][in][k][k][k] kernel with its spatial axes reversed: the model's first axis is
/// left-right (i), which is the fastest in memory here.
void copy_reversed(const float* from, int kernel, float* to) {
  for (int a = 0; a < kernel; ++a) {
    for (int b = 0; b < kernel; ++b) {
      for (int c = 0; c < kernel; ++c) {
        to[(c * kernel + b) * kernel + a] = from[(a * kernel + b) * kernel + c];
      }
    }
  }
}

/// The fine voxels that a transposed convolution with stride 2 makes, sorted by even and odd
/// positions along k, j and i.
constexpr int kParts = 8;

/// Whether a part holds the odd positions along `axis`, 0 = k, 1 = j, 2 = i.
bool is_odd(int part, int axis) { return (part >> (2 - axis) & 1) != 0; }

/// The taps of a kernel of 4 that a part sees along one axis, of the earlier coarse voxel first.
int tap(bool odd, int index) {
  static constexpr int kTaps[2][2] = {{3, 1}, {2, 0}};
  return kTaps[odd ? 1 : 0][index];
}

/// Kernels [2][2][2] of one part from kernels [4][4][4].
std::vector<float> part_weights(const std::vector<float>& weights, int part) {
  const std::size_t kernels = weights.size() / 64;
  std::vector<float> result(kernels * 8);
  for (std::size_t n = 0; n < kernels; ++n) {
    for (int to = 0; to < 8; ++to) {
      const int k = tap(is_odd(part, 0), to >> 2);
      const int j = tap(is_odd(part, 1), to >> 1 & 1);
      const int i = tap(is_odd(part, 2), to & 1);
      result[n * 8 + to] = weights[n * 64 + k * 16 + j * 4 + i];
    }
  }
  return result;
}

/// Puts the voxels of one part, of `extent`, into their places among the fine ones, in blocks of 8
/// channels. The first fine slice is an odd one: the even slice before it lacks a neighbour.
void interleave(const Buffer& buffer, int channels, const Extent& extent, int index, Buffer& out) {
  const auto* part = reinterpret_cast<const float*>(buffer.data());
  auto* fine = reinterpret_cast<float*>(out.data());
  constexpr std::int64_t kChannels = 8;
  const std::int64_t first_k = is_odd(index, 0) ? 0 : 1;
  const std::int64_t first_j = is_odd(index, 1) ? 1 : 0;
  const std::int64_t first_i = is_odd(index, 2) ? 1 : 0;
  const std::int64_t rows = channels / kChannels * extent.nk * extent.nj;
#pragma omp parallel for schedule(static)
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t j = row % extent.nj;
    const std::int64_t slice = row / extent.nj;  // of all blocks
    const float* from = part + row * extent.ni * kChannels;
    float* to = fine + (((2 * slice + first_k) * 2 * extent.nj + 2 * j + first_j) * 2 * extent.ni +
                        first_i) *
                           kChannels;
    for (std::int64_t i = 0; i < extent.ni; ++i) {
      std::memcpy(to + 2 * i * kChannels, from + i * kChannels, kChannels * sizeof(float));
    }
  }
}

}  // namespace

std::vector<float> WeightReader::values(const TensorSpec& spec) const {
  return weights_.floats(spec.name, spec.shape);
}

ConvolutionWeights WeightReader::read(const LayerTensors& tensors, int in_begin, int in) const {
  const TensorSpec& kernel = tensors_.parameters[tensors.convolution];
  const auto out = static_cast<int>(kernel.shape[0]);
  const auto in_all = static_cast<int>(kernel.shape[1]);
  if (in == 0) in = in_all - in_begin;
  ConvolutionWeights layer;
  layer.in_channels = in == 1 ? 1 : padded_channels(in);
  layer.out_channels = padded_channels(out);
  const auto padded_out = static_cast<std::size_t>(layer.out_channels);
  layer.weights.assign(padded_out * layer.in_channels * 27, 0.0F);
  const auto weights = values(kernel);
  for (int o = 0; o < out; ++o) {
    for (int i = 0; i < in; ++i) {
      copy_reversed(weights.data() + (o * in_all + in_begin + i) * 27, 3,
                    layer.weights.data() + (o * layer.in_channels + i) * 27);
    }
  }
  layer.bias = values(tensors_.parameters[tensors.convolution + 1]);
  layer.bias.resize(padded_out, 0.0F);
  layer.scale.assign(padded_out, 0.0F);
  layer.shift.assign(padded_out, 0.0F);
  const auto gamma = values(tensors_.parameters[tensors.norm]);
  const auto beta = values(tensors_.parameters[tensors.norm + 1]);
  const auto mean = values(tensors_.buffers[tensors.statistics]);
  const auto variance = values(tensors_.buffers[tensors.statistics + 1]);
  for (std::size_t c = 0; c < gamma.size(); ++c) {
    layer.scale[c] = gamma[c] / std::sqrt(variance[c] + static_cast<float>(kNormEpsilon));
    layer.shift[c] = beta[c] - mean[c] * layer.scale[c];
  }
  return layer;
}

ConvolutionWeights WeightReader::convolution(const LayerTensors& layer) const {
  return read(layer, 0, 0);
}

ConvolutionWeights WeightReader::skip_convolution(const LayerTensors& layer, int coarse) const {
  return read(layer, coarse, 0);
}

// Along one axis, upsampling x to u (u[2j] = u[2j+1] = x[j]) and correlating with w gives
// out[2j] = w0 x[j-1] + (w1 + w2) x[j] and out[2j+1] = (w0 + w1) x[j] + w2 x[j+1]: the transposed
// convolution with kernel (w2, w1 + w2, w0 + w1, w0), stride 2 and padding 1.
UpsampleWeights WeightReader::upsample(const LayerTensors& tensors, int coarse) const {
  static constexpr float kFromThree[4][3] = {{0, 0, 1}, {0, 1, 1}, {1, 1, 0}, {1, 0, 0}};
  const auto layer = read(tensors, 0, coarse);
  UpsampleWeights result{layer.in_channels, layer.out_channels, {}};
  const std::size_t kernels = layer.weights.size() / 27;
  result.weights.assign(kernels * 64, 0.0F);
  for (std::size_t n = 0; n < kernels; ++n) {
    for (int to = 0; to < 64; ++to) {
      float sum = 0;
      for (int from = 0; from < 27; ++from) {
        const float factor = kFromThree[to / 16][from / 9] * kFromThree[to / 4 % 4][from / 3 % 3] *
                             kFromThree[to % 4][from % 3];
        sum += factor * layer.weights[n * 27 + from];
      }
      result.weights[n * 64 + to] = sum;
    }
  }
  return result;
}

ConvolutionWeights WeightReader::head(std::size_t convolution) const {
  const TensorSpec& kernel = tensors_.parameters[convolution];
  const auto out = static_cast<int>(kernel.shape[0]);
  const auto in = static_cast<int>(kernel.shape[1]);
  ConvolutionWeights layer;
  layer.kernel = 1;
  layer.in_channels = padded_channels(in);
  layer.out_channels = padded_channels(out);
  layer.activation = false;
  layer.weights.assign(static_cast<std::size_t>(layer.out_channels * layer.in_channels), 0.0F);
  const auto weights = values(kernel);
  for (int o = 0; o < out; ++o) {
    for (int i = 0; i < in; ++i) layer.weights[o * layer.in_channels + i] = weights[o * in + i];
  }
  layer.bias = values(tensors_.parameters[convolution + 1]);
  layer.bias.resize(static_cast<std::size_t>(layer.out_channels), 0.0F);
  return layer;
}

OnednnLayers::OnednnLayers(const FeatureLayout& layout)
    : layout_(layout),
      type_(layout.type == FeatureType::kFloat32 ? kFloat : memory::data_type::bf16),
      tag_(tag_of(layout)),
      engine_(dnnl::engine::kind::cpu, 0),
      stream_(engine_) {}

void OnednnLayers::convolve(const ConvolutionWeights& layer, const std::byte* in,
                            const Extent& in_extent, Buffer& out, bool accumulate) {
  run_convolution(layer, in, in_extent, out.data(), accumulate);
}

void OnednnLayers::convolve_plain(const ConvolutionWeights& layer, const float* in,
                                  const Extent& in_extent, Buffer& out) {
  if (layout_.type == FeatureType::kFloat32) {
    return run_convolution(layer, in, in_extent, out.data(), false);
  }
  const memory::dims dims{1, 1, in_extent.nk, in_extent.nj, in_extent.ni};
  plain_.resize(1, in_extent, layout_.type);
  memory floats({dims, kFloat, plain_tag(layout_)}, engine_, const_cast<float*>(in));
  memory rounded({dims, type_, plain_tag(layout_)}, engine_, plain_.data());
  dnnl::reorder(floats, rounded).execute(stream_, floats, rounded);
  stream_.wait();
  run_convolution(layer, plain_.data(), in_extent, out.data(), false);
}

void OnednnLayers::run_convolution(const ConvolutionWeights& layer, const void* in,
                                   const Extent& in_extent, void* out, bool accumulate) {
  const Key key{&layer, in_extent.nk, in_extent.nj, in_extent.ni, accumulate};
  auto found = steps_.find(key);
  if (found == steps_.end()) {
    found = steps_.emplace(key, make_convolution(layer, in_extent, accumulate)).first;
  }
  execute(found->second, in, out);
}

void OnednnLayers::upsample(const UpsampleWeights& layer, const Buffer& in, const Extent& in_extent,
                            Buffer& out) {
  if (block_channels() == 8) return upsample_in_parts(layer, in, in_extent, out);
  const Key key{&layer, in_extent.nk, in_extent.nj, in_extent.ni, 0};
  auto found = steps_.find(key);
  if (found == steps_.end()) found = steps_.emplace(key, make_upsample(layer, in_extent)).first;
  execute(found->second, in.data(), out.data());
}

// oneDNN has no kernel for the transposed convolution below AVX-512. Its output is eight volumes of
// the coarse size, one for even or odd positions along each axis, and each of these is a
// convolution with kernel 2 of the coarse features.
void OnednnLayers::upsample_in_parts(const UpsampleWeights& layer, const Buffer& in,
                                     const Extent& in_extent, Buffer& out) {
  const Extent extent{in_extent.nk - 1, in_extent.nj, in_extent.ni};
  part_.resize(layer.out_channels, extent, layout_.type);
  for (int part = 0; part < kParts; ++part) {
    const Key key{&layer, in_extent.nk, in_extent.nj, in_extent.ni, part};
    auto found = steps_.find(key);
    if (found == steps_.end()) found = steps_.emplace(key, make_part(layer, in_extent, part)).first;
    execute(found->second, in.data(), part_.data());
    interleave(part_, layer.out_channels, extent, part, out);
  }
}

OnednnLayers::Step OnednnLayers::make_part(const UpsampleWeights& layer, const Extent& in_extent,
                                           int part) {
  const int in_channels = layer.in_channels;
  const int out_channels = layer.out_channels;
  const memory::dims weight_dims{out_channels, in_channels, 2, 2, 2};
  const memory::desc source({1, in_channels, in_extent.nk, in_extent.nj, in_extent.ni}, kFloat,
                            tag_);
  const memory::desc destination({1, out_channels, in_extent.nk - 1, in_extent.nj, in_extent.ni},
                                 kFloat, tag_);
  const memory::desc weights(weight_dims, kFloat, Tag::any);
  const memory::dims strides{1, 1, 1};
  // An even position looks at the coarse voxel before it, an odd one at the one behind it.
  const memory::dims before{0, is_odd(part, 1) ? 0 : 1, is_odd(part, 2) ? 0 : 1};
  const memory::dims behind{0, is_odd(part, 1) ? 1 : 0, is_odd(part, 2) ? 1 : 0};
#if DNNL_VERSION_MAJOR >= 3
  const dnnl::convolution_forward::primitive_desc description(
      engine_, dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, source,
      weights, destination, strides, before, behind);
#else
  const dnnl::convolution_forward::primitive_desc description(
      {dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, source, weights,
       destination, strides, before, behind},
      engine_);
#endif
  kernels_.insert(description.impl_info_str());
  Step step{dnnl::convolution_forward(description), source, destination, {}};
  step.arguments[DNNL_ARG_WEIGHTS] =
      reorder_weights(part_weights(layer.weights, part), weight_dims, description.weights_desc());
  return step;
}

OnednnLayers::Step OnednnLayers::make_convolution(const ConvolutionWeights& layer,
                                                  const Extent& in_extent, bool accumulate) {
  const int out_channels = layer.out_channels;
  const std::int64_t pad = layer.kernel / 2;
  const memory::dims weight_dims{out_channels, layer.in_channels, layer.kernel, layer.kernel,
                                 layer.kernel};
  const memory::desc source({1, layer.in_channels, in_extent.nk, in_extent.nj, in_extent.ni}, type_,
                            layer.in_channels == 1 ? plain_tag(layout_) : tag_);
  const memory::desc destination(
      {1, out_channels, in_extent.nk - 2 * pad, in_extent.nj, in_extent.ni},
      layer.activation ? type_ : kFloat, tag_);
  const memory::desc weights(weight_dims, type_, Tag::any);
  const memory::desc bias({out_channels}, kFloat, Tag::x);
  const memory::dims channel{1, out_channels, 1, 1, 1};
  const memory::desc per_channel(channel, kFloat, Tag::abcde);

  dnnl::post_ops after;
  if (accumulate) after.append_sum(1.0F);
  if (layer.activation) {
#if DNNL_VERSION_MAJOR >= 3
    after.append_eltwise(dnnl::algorithm::eltwise_elu, 1.0F, 0.0F);
#else
    after.append_eltwise(1.0F, dnnl::algorithm::eltwise_elu, 1.0F, 0.0F);
#endif
    after.append_binary(dnnl::algorithm::binary_mul, per_channel);
    after.append_binary(dnnl::algorithm::binary_add, per_channel);
  }
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(after);

  const memory::dims strides{1, 1, 1};
  const memory::dims padding{0, pad, pad};
#if DNNL_VERSION_MAJOR >= 3
  const dnnl::convolution_forward::primitive_desc description(
      engine_, dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, source,
      weights, bias, destination, strides, padding, padding, attributes);
#else
  const dnnl::convolution_forward::primitive_desc description(
      {dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, source, weights,
       bias, destination, strides, padding, padding},
      attributes, engine_);
#endif
  kernels_.insert(description.impl_info_str());
  Step step{dnnl::convolution_forward(description), source, destination, {}};
  step.arguments[DNNL_ARG_WEIGHTS] =
      reorder_weights(layer.weights, weight_dims, description.weights_desc());
  step.arguments[DNNL_ARG_BIAS] = constant(layer.bias, {out_channels}, Tag::x);
  if (layer.activation) {
    const int first = accumulate ? 2 : 1;
    step.arguments[DNNL_ARG_ATTR_MULTIPLE_POST_OP(first) | DNNL_ARG_SRC_1] =
        constant(layer.scale, channel, Tag::abcde);
    step.arguments[DNNL_ARG_ATTR_MULTIPLE_POST_OP(first + 1) | DNNL_ARG_SRC_1] =
        constant(layer.shift, channel, Tag::abcde);
  }
  return step;
}

OnednnLayers::Step OnednnLayers::make_upsample(const UpsampleWeights& layer,
                                               const Extent& in_extent) {
  const int in_channels = layer.in_channels;
  const int out_channels = layer.out_channels;
  const memory::dims weight_dims{out_channels, in_channels, 4, 4, 4};
  const memory::desc source({1, in_channels, in_extent.nk, in_extent.nj, in_extent.ni}, type_,
                            tag_);
  const memory::desc destination(
      {1, out_channels, 2 * in_extent.nk - 2, 2 * in_extent.nj, 2 * in_extent.ni}, type_, tag_);
  const memory::desc weights(weight_dims, type_, Tag::any);
  const memory::dims strides{2, 2, 2};
  const memory::dims padding{2, 1, 1};
#if DNNL_VERSION_MAJOR >= 3
  const dnnl::deconvolution_forward::primitive_desc description(
      engine_, dnnl::prop_kind::forward_inference, dnnl::algorithm::deconvolution_direct, source,
      weights, destination, strides, padding, padding);
#else
  const dnnl::deconvolution_forward::primitive_desc description(
      {dnnl::prop_kind::forward_inference, dnnl::algorithm::deconvolution_direct, source, weights,
       destination, strides, padding, padding},
      engine_);
#endif
  kernels_.insert(description.impl_info_str());
  Step step{dnnl::deconvolution_forward(description), source, destination, {}};
  step.arguments[DNNL_ARG_WEIGHTS] =
      reorder_weights(layer.weights, weight_dims, description.weights_desc());
  return step;
}

memory OnednnLayers::reorder_weights(const std::vector<float>& weights, const memory::dims& dims,
                                     const memory::desc& wanted) {
  memory plain = constant(weights, dims, Tag::abcde);
  memory reordered(wanted, engine_);
  dnnl::reorder(plain, reordered).execute(stream_, plain, reordered);
  stream_.wait();
  return reordered;
}

memory OnednnLayers::constant(const std::vector<float>& values, const memory::dims& dims, Tag tag) {
  memory result(memory::desc(dims, kFloat, tag), engine_);
  std::copy(values.begin(), values.end(), static_cast<float*>(result.get_data_handle()));
  return result;
}

void OnednnLayers::execute(Step& step, const void* in, void* out) {
  // oneDNN takes its source as a non-const pointer and only reads it.
  step.arguments[DNNL_ARG_SRC] = memory(step.source, engine_, const_cast<void*>(in));
  step.arguments[DNNL_ARG_DST] = memory(step.destination, engine_, out);
  step.primitive.execute(stream_, step.arguments);
  stream_.wait();
}

}  // namespace hypersynth
