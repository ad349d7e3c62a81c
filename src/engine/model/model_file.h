#pragma once

#include <map>
#include <string>

#include "engine/model/manifest.h"
#include "engine/model/safetensors.h"

namespace hypersynth {

/// A trained network as read from its file.
struct Model {
  std::string name;  ///< File name without extension.
  ModelManifest manifest;
  Safetensors weights;
};

/// Reads a model (safetensors) and checks that its weights are those of the network that its
/// manifest names: throws InputError where a tensor is missing, too many, of another shape, or of
/// integers. A file of schema version 1 may hold tensors more, as PyTorch's counters are.
Model read_model(const std::string& path);

/// As read_model, from a file already in memory.
Model parse_model(Safetensors weights);

/// Writes a model file of schema version 2 under a temporary name, then renames it; throws Error
/// kCannotCreateOutput or kIo. `tensors` are those of the manifest's network.
void write_model_file(const std::string& path, const ModelManifest& manifest,
                      const std::map<std::string, TensorView>& tensors);

}  // namespace hypersynth
