#include "engine/model/resize_unet_layers.h"

namespace hypersynth {

ResizeUnetOptions ResizeUnetOptions::from(const NetworkChoice& choice) {
  ResizeUnetOptions options;
  options.dimensions = choice.dimensions;
  options.out_channels = choice.classes;
  options.features.clear();
  for (int level = 0; level < choice.levels; ++level)
    options.features.push_back(choice.features << level);
  options.norm = choice.norm;
  return options;
}

ResizeUnetLayers::ResizeUnetLayers(const ResizeUnetOptions& options) {
  tensors.dimensions = options.dimensions;
  const auto& features = options.features;
  const auto block = [&](const std::string& name, std::int64_t in, std::int64_t out,
                         std::int64_t kernel) {
    return tensors.add_layer(name + ".conv", name + ".norm", in, out, kernel, options.norm);
  };
  const auto group = [&](const std::string& name, std::int64_t in, std::int64_t out) {
    Group blocks;
    for (int i = 0; i < options.convolutions; ++i)
      blocks.push_back(block(name + "." + std::to_string(i), i == 0 ? in : out, out, 3));
    return blocks;
  };
  first = tensors.add_convolution("0.conv", options.in_channels, features[0], 3);
  encoder.push_back(group("1.encoder.0", features[0], features[0]));
  for (std::size_t level = 1; level < features.size(); ++level) {
    const std::string name = "1.encoder." + std::to_string(level);
    const bool coarsest = level + 1 == features.size();
    down.push_back(
        block(name + (coarsest ? ".conv" : ".down.conv"), features[level - 1], features[level], 1));
    if (!coarsest) encoder.push_back(group(name + ".conv", features[level], features[level]));
  }
  for (std::size_t n = 0; n < features.size(); ++n) {
    const std::size_t level = features.size() - 1 - n;
    const std::string name = "1.decoder." + std::to_string(n);
    const bool finest = level == 0;
    const std::int64_t in = n == 0 ? features[level] : 2 * features[level];
    decoder.push_back(group(name + (finest ? "" : ".conv"), in, features[level]));
    if (!finest) up.push_back(block(name + ".up.conv", features[level], features[level - 1], 1));
  }
  head = tensors.add_convolution("2.conv", features[0], options.out_channels, 1);
}

}  // namespace hypersynth
