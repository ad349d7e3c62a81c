#pragma once

#include <string>

#include "engine/model/manifest.h"

namespace hypersynth {

/// The manifest in metadata of schema version 1, which described the network and the input in
/// English. Only the U-Net of the default model in 3-D with batch normalisation is understood: the
/// words of all others were never read by any program. Throws as parse_manifest.
ModelManifest parse_manifest_v1(const ModelMetadata& metadata, const std::string& path);

/// Structures that are scattered by their nature, by FreeSurfer's name: the fluid around the brain.
/// For what has no field that says so: metadata of version 1, and tables of labels to train from.
bool is_scattered_structure(const std::string& name);

}  // namespace hypersynth
