#include "engine/model/network_tensors.h"

namespace hypersynth {

std::int64_t TensorSpec::size() const {
  std::int64_t elements = 1;
  for (const auto length : shape) elements *= length;
  return elements;
}

std::size_t NetworkTensors::add_convolution(const std::string& name, std::int64_t in,
                                            std::int64_t out, std::int64_t kernel) {
  std::vector<std::int64_t> shape{out, in};
  std::int64_t fan_in = in;
  for (int axis = 0; axis < dimensions; ++axis) {
    shape.push_back(kernel);
    fan_in *= kernel;
  }
  parameters.push_back({name + ".weight", shape, fan_in});
  parameters.push_back({name + ".bias", {out}, fan_in});
  return parameters.size() - 2;
}

LayerTensors NetworkTensors::add_layer(const std::string& convolution,
                                       const std::string& batch_norm, std::int64_t in,
                                       std::int64_t out, std::int64_t kernel, Norm norm) {
  LayerTensors layer;
  layer.convolution = add_convolution(convolution, in, out, kernel);
  if (norm != Norm::kBatch) return layer;
  layer.norm = parameters.size();
  parameters.push_back({batch_norm + ".weight", {out}, 0, 1});
  parameters.push_back({batch_norm + ".bias", {out}});
  layer.statistics = buffers.size();
  buffers.push_back({batch_norm + ".running_mean", {out}});
  buffers.push_back({batch_norm + ".running_var", {out}, 0, 1});
  return layer;
}

}  // namespace hypersynth
