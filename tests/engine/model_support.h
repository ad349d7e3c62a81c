#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/model/model_file.h"

namespace hypersynth {

inline std::string default_model_path() {
  return std::string(HYPERSYNTH_SOURCE_DIR) + "/models/brain33-unet16.safetensors";
}

/// Zeros for every tensor of a network, and views of them.
struct ZeroTensors {
  explicit ZeroTensors(const Architecture& architecture) {
    const auto tensors = tensors_of(architecture);
    for (const auto* list : {&tensors.parameters, &tensors.buffers}) {
      for (const auto& spec : *list) add(spec.name, spec.shape, spec.size());
    }
  }

  void add(const std::string& name, const std::vector<std::int64_t>& shape, std::int64_t size) {
    auto& own = values[name];
    own.assign(static_cast<std::size_t>(size), 0.0F);
    views[name] = {ElementType::kF32, shape, reinterpret_cast<const std::byte*>(own.data()),
                   own.size() * sizeof(float)};
  }

  std::map<std::string, std::vector<float>> values;
  std::map<std::string, TensorView> views;
};

/// A small manifest of schema version 2.
inline ModelManifest small_manifest() {
  ModelManifest manifest;
  manifest.labels = {{0, "background"}, {2, "left x"}, {41, "right x"}, {24, "CSF", true}};
  PoolUnetOptions unet;
  unet.levels = 2;
  unet.base_features = 2;
  unet.out_channels = 4;
  manifest.architecture = unet;
  manifest.training = {"synthseg", 10, false, "{\"a\":1}"};
  return manifest;
}

}  // namespace hypersynth
