#pragma once

#include <ATen/core/Tensor.h>

namespace hypersynth {

/// Convolution of `x` [N,C,...] with an odd kernel [K,C,k,...] and a bias [K], with zero padding
/// that keeps the size: [N,K,...]; differentiable any number of times.
///
/// float32 on a CPU always goes to oneDNN. libtorch sends small images there to a matrix product of
/// the system's BLAS, up to 50 times as slow, and derives second derivatives with the image as the
/// kernel.
at::Tensor convolution(const at::Tensor& x, const at::Tensor& kernel, const at::Tensor& bias,
                       std::int64_t dilation);

}  // namespace hypersynth
