#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hypersynth {

/// Added to the variance by batch and instance normalisation (Ioffe & Szegedy 2015); PyTorch's
/// default.
constexpr double kNormEpsilon = 1e-5;

/// Normalisation after each activation of a network's convolutions.
enum class Norm { kNone, kInstance, kBatch };

/// One named tensor of a network, and how a fresh network fills it.
struct TensorSpec {
  std::string name;                 ///< As in the model file: "encoder.0.conv0.weight".
  std::vector<std::int64_t> shape;  ///< Of a 3-D convolution [out, in, X, Y, Z].
  /// > 0: uniform in +-1/sqrt(fan_in), as PyTorch initialises convolutions; 0: `constant`.
  std::int64_t fan_in = 0;
  double constant = 0;

  std::int64_t size() const;
};

/// Where the tensors of one convolution, and of the batch normalisation after it, are in the lists
/// of NetworkTensors. Without batch normalisation `norm` and `statistics` mean nothing.
struct LayerTensors {
  std::size_t convolution = 0;  ///< Of the weight in `parameters`; its bias is the next.
  std::size_t norm = 0;         ///< Of the weight in `parameters`; its bias is the next.
  std::size_t statistics = 0;   ///< Of the running mean in `buffers`; the variance is the next.
};

/// Names and shapes of all tensors of a network, without the tensors themselves: enough to check a
/// model file, and needed by every backend that runs the network. Needs no libtorch.
struct NetworkTensors {
  int dimensions = 3;                  ///< 3: volumes; 2: slices.
  std::vector<TensorSpec> parameters;  ///< What training changes.
  std::vector<TensorSpec> buffers;     ///< Running statistics of batch normalisation.

  /// Adds `<name>.weight` and `<name>.bias` of a convolution of `kernel` voxels along each axis;
  /// returns the weight's position.
  std::size_t add_convolution(const std::string& name, std::int64_t in, std::int64_t out,
                              std::int64_t kernel);
  /// Adds a convolution and, with Norm::kBatch, the batch normalisation of its output.
  LayerTensors add_layer(const std::string& convolution, const std::string& batch_norm,
                         std::int64_t in, std::int64_t out, std::int64_t kernel, Norm norm);
};

/// The few numbers from which the training program makes any network.
struct NetworkChoice {
  int dimensions = 3;
  std::int64_t classes = 2;
  int levels = 5;              ///< Resolutions, where the network has several.
  std::int64_t features = 16;  ///< Of the finest level.
  Norm norm = Norm::kBatch;
};

}  // namespace hypersynth
