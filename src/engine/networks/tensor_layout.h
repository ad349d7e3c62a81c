#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/model/network_tensors.h"

namespace hypersynth {

/// Names and shapes of the tensors that lie end to end in one flat vector. All parameters of a
/// network are one vector, so that an optimiser step is a handful of operations, not hundreds.
class TensorLayout {
 public:
  TensorLayout() = default;
  explicit TensorLayout(const std::vector<TensorSpec>& specs);

  /// Appends a tensor and returns its position.
  std::size_t add(TensorSpec spec);

  const std::vector<TensorSpec>& specs() const { return specs_; }
  std::size_t count() const { return specs_.size(); }
  /// Elements of the flat vector.
  std::int64_t size() const { return size_; }
  /// Position of `name`; throws std::out_of_range where there is none.
  std::size_t index_of(const std::string& name) const;

  /// Views into `flat` (shape [size()]), in order; they share its memory.
  std::vector<at::Tensor> views(const at::Tensor& flat) const;
  /// The same views as autograd leaves that require a gradient.
  std::vector<at::Tensor> leaves(const at::Tensor& flat) const;
  /// Tensors in this layout's order, end to end, detached; an undefined tensor counts as zeros
  /// of the type and device of `like`.
  at::Tensor flatten(const std::vector<at::Tensor>& tensors, const at::Tensor& like) const;

 private:
  std::vector<TensorSpec> specs_;
  std::vector<std::int64_t> offsets_;
  std::int64_t size_ = 0;
};

/// A copy of images [N,C,...] in memory with the channels last. One channel has both layouts at
/// once, and contiguous() returns it as it is: libtorch then runs the whole network with them
/// first.
at::Tensor with_channels_last(const at::Tensor& images);

}  // namespace hypersynth
