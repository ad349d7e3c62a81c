#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <oneapi/dnnl/dnnl.hpp>

#include "engine/inference/features.h"
#include "engine/model/network_tensors.h"
#include "engine/model/safetensors.h"

namespace hypersynth {

/// A convolution, the ELU after it and the batch norm after that (scale, shift), channels padded
/// with zeros to multiples of block_channels() (input of the finest level: one plain channel).
/// Weights are [out][in][k][j][i] with the kernel's axes in the order of memory.
struct ConvolutionWeights {
  int kernel = 3;
  int in_channels = 0;
  int out_channels = 0;
  bool activation = true;
  std::vector<float> weights;
  std::vector<float> bias;
  std::vector<float> scale;
  std::vector<float> shift;
};

/// The part of a decoder's first convolution that sees the upsampled features, as a transposed
/// convolution with kernel 4 and stride 2: [out][in][4][4][4].
struct UpsampleWeights {
  int in_channels = 0;
  int out_channels = 0;
  std::vector<float> weights;
};

/// Takes the tensors of a 3-D network with batch normalisation from a model file and folds them
/// into the layers above. Keeps references to both, which must outlive it.
class WeightReader {
 public:
  WeightReader(const Safetensors& weights, const NetworkTensors& tensors)
      : weights_(weights), tensors_(tensors) {}

  /// A 3x3x3 convolution, ELU and batch normalisation.
  ConvolutionWeights convolution(const LayerTensors& layer) const;
  /// A decoder's first convolution takes `coarse` upsampled features and then the skip features:
  /// the part that sees the latter, and the part that sees the former.
  ConvolutionWeights skip_convolution(const LayerTensors& layer, int coarse) const;
  UpsampleWeights upsample(const LayerTensors& layer, int coarse) const;
  /// The last, 1x1x1 convolution, whose weight is at position `convolution`.
  ConvolutionWeights head(std::size_t convolution) const;

 private:
  /// Input channels `in_begin` and the `in` - 1 after it; all of them where `in` is 0.
  ConvolutionWeights read(const LayerTensors& layer, int in_begin, int in) const;
  std::vector<float> values(const TensorSpec& spec) const;

  const Safetensors& weights_;
  const NetworkTensors& tensors_;
};

/// Runs layers on slabs; primitives are made once per slab shape and kept until forget_shapes().
class OnednnLayers {
 public:
  /// `layout`: of all buffers; the result of a layer without activation is float32.
  explicit OnednnLayers(const FeatureLayout& layout = {});

  /// Convolution of a slab: no padding along k (the output has kernel - 1 slices
  /// less), zeros around j and i. With `accumulate` the output's values are added before ELU.
  void convolve(const ConvolutionWeights& layer, const std::byte* in, const Extent& in_extent,
                Buffer& out, bool accumulate);
  /// The same for one plain channel [nk][nj][ni].
  void convolve_plain(const ConvolutionWeights& layer, const float* in, const Extent& in_extent,
                      Buffer& out);
  /// Upsamples and convolves a slab of n coarse slices into 2 n - 2 fine ones: the outermost fine
  /// slices lack a neighbour and are left out.
  void upsample(const UpsampleWeights& layer, const Buffer& in, const Extent& in_extent,
                Buffer& out);

  /// Frees all primitives, each of which has its own copy of a layer's weights.
  void forget_shapes() { steps_.clear(); }

  /// oneDNN's names of the kernels made so far, "jit:avx2"; "ref:any" is a plain loop that takes
  /// 50 times as long.
  const std::set<std::string>& kernels() const { return kernels_; }

 private:
  using Key = std::tuple<const void*, std::int64_t, std::int64_t, std::int64_t, int>;
  struct Step {
    dnnl::primitive primitive;
    dnnl::memory::desc source;
    dnnl::memory::desc destination;
    std::unordered_map<int, dnnl::memory> arguments;
  };

  void run_convolution(const ConvolutionWeights& layer, const void* in, const Extent& in_extent,
                       void* out, bool accumulate);
  Step make_convolution(const ConvolutionWeights& layer, const Extent& in_extent, bool accumulate);
  Step make_upsample(const UpsampleWeights& layer, const Extent& in_extent);
  void upsample_in_parts(const UpsampleWeights& layer, const Buffer& in, const Extent& in_extent,
                         Buffer& out);
  Step make_part(const UpsampleWeights& layer, const Extent& in_extent, int part);
  dnnl::memory reorder_weights(const std::vector<float>& weights, const dnnl::memory::dims& dims,
                               const dnnl::memory::desc& wanted);
  dnnl::memory constant(const std::vector<float>& values, const dnnl::memory::dims& dims,
                        dnnl::memory::format_tag tag);
  void execute(Step& step, const void* in, void* out);

  FeatureLayout layout_;
  dnnl::memory::data_type type_;  ///< of the features
  dnnl::memory::format_tag tag_;  ///< the layout, as oneDNN calls it
  dnnl::engine engine_;
  dnnl::stream stream_;
  std::map<Key, Step> steps_;
  std::set<std::string> kernels_;
  Buffer part_;
  Buffer plain_;  ///< one channel as bfloat16
};

}  // namespace hypersynth
