#include "engine/model/pool_unet_layers.h"

namespace hypersynth {

namespace {

PoolUnetLayers::Level add_level(NetworkTensors& tensors, const std::string& name, std::int64_t in,
                                std::int64_t out, Norm norm) {
  return {tensors.add_layer(name + ".conv0", name + ".norm0", in, out, 3, norm),
          tensors.add_layer(name + ".conv1", name + ".norm1", out, out, 3, norm)};
}

}  // namespace

PoolUnetOptions PoolUnetOptions::from(const NetworkChoice& choice) {
  PoolUnetOptions options;
  options.dimensions = choice.dimensions;
  options.out_channels = choice.classes;
  options.levels = choice.levels;
  options.base_features = choice.features;
  options.norm = choice.norm;
  return options;
}

PoolUnetLayers::PoolUnetLayers(const PoolUnetOptions& options) {
  tensors.dimensions = options.dimensions;
  std::int64_t in = options.in_channels;
  for (int level = 0; level < options.levels; ++level) {
    const std::int64_t out = options.features(level);
    encoder.push_back(
        add_level(tensors, "encoder." + std::to_string(level), in, out, options.norm));
    in = out;
  }
  for (int level = 0; level + 1 < options.levels; ++level) {
    const std::int64_t out = options.features(level);
    const std::int64_t both = options.features(level + 1) + out;
    decoder.push_back(
        add_level(tensors, "decoder." + std::to_string(level), both, out, options.norm));
  }
  head = tensors.add_convolution("head", options.base_features, options.out_channels, 1);
}

}  // namespace hypersynth
