#include "engine/model/dilated_net_layers.h"

namespace hypersynth {

DilatedNetOptions DilatedNetOptions::from(const NetworkChoice& choice) {
  DilatedNetOptions options;
  options.dimensions = choice.dimensions;
  options.out_channels = choice.classes;
  options.features = choice.features;
  return options;
}

DilatedNetLayers::DilatedNetLayers(const DilatedNetOptions& options) {
  tensors.dimensions = options.dimensions;
  std::int64_t in = options.in_channels;
  for (int i = 0; i < options.convolutions; ++i) {
    convolutions.push_back(
        tensors.add_convolution("conv" + std::to_string(i), in, options.features, 3));
    in = options.features;
  }
  head = tensors.add_convolution("head", in, options.out_channels, 1);
}

}  // namespace hypersynth
