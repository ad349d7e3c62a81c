#pragma once

#include <string>
#include <vector>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "engine/networks/network_choices.h"
#include "engine/networks/tensor_layout.h"

namespace hypersynth {

/// Where batch normalisation takes its statistics from.
struct NormStatistics {
  /// Views of the running means and variances, in the order of Network::buffers(). Empty: the
  /// batch's own statistics, and nothing is updated (the difference passes and the real pass).
  std::vector<at::Tensor> running;
  /// With `running`: true updates them from the batch (training), false reads them (inference, and
  /// training with frozen statistics).
  bool update = false;

  /// Those of a pass that must update nothing: running ones that are only read, else the batch's.
  NormStatistics unchanged() const { return update ? NormStatistics{} : *this; }
};

/// A segmentation network as a pure function of its parameters: no state of its own, so that it
/// can be evaluated at phi, at phi' and at phi +- e w. Training and inference run the same one.
class Network {
 public:
  virtual ~Network() = default;

  /// Logits [N,K,...] of images [N,C,...], where ... is X,Y,Z or X,Y; `parameters` in the order of
  /// parameters(). The logits are a tensor that the caller may overwrite: no derivative needs it.
  virtual at::Tensor forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                             const NormStatistics& norm = {}) const = 0;

  const TensorLayout& parameters() const { return parameters_; }
  const TensorLayout& buffers() const { return buffers_; }
  /// 2 or 3.
  int dimensions() const { return dimensions_; }
  /// Image sides must be multiples of this.
  virtual std::int64_t side_multiple() const { return 1; }

  /// Fresh flat vectors, float32 on the CPU.
  at::Tensor initial_parameters(at::Generator& generator) const;
  at::Tensor initial_buffers() const;

 protected:
  explicit Network(const NetworkTensors& tensors)
      : dimensions_(tensors.dimensions),
        parameters_(tensors.parameters),
        buffers_(tensors.buffers) {}

  /// Convolution with zero padding that keeps the size (odd kernels).
  static at::Tensor convolve(const at::Tensor& x, const std::vector<at::Tensor>& parameters,
                             std::size_t weight, std::int64_t dilation = 1);
  /// Batch normalisation with the tensors of `layer`.
  static at::Tensor batch_normalise(const at::Tensor& x, const std::vector<at::Tensor>& parameters,
                                    const LayerTensors& layer, const NormStatistics& norm);

 private:
  int dimensions_;
  TensorLayout parameters_;
  TensorLayout buffers_;
};

}  // namespace hypersynth
