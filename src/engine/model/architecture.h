#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/model/dilated_net_layers.h"
#include "engine/model/network_tensors.h"
#include "engine/model/pool_unet_layers.h"
#include "engine/model/resize_unet_layers.h"

namespace hypersynth {

/// A network by its kind and the parameters of that kind. This list is the registry: what is in it
/// can be named in a model file, trained, and run.
///
/// A new kind needs an options struct like the three here (kName, from, side_multiple,
/// visit_fields, tensors_of), a Network with its forward pass, and one line each in this list, in
/// networks/build_network.cpp and in CMakeLists.txt.
using Architecture = std::variant<PoolUnetOptions, ResizeUnetOptions, DilatedNetOptions>;

/// Names of all kinds, in the order of the list: "pool-unet", ...
std::vector<std::string> architecture_names();
/// "pool-unet, resize-unet, dilated": for messages.
std::string known_architectures();

/// The kind called `name` with the sizes that a training run asks for; throws
/// std::invalid_argument that names an unknown kind and those there are.
Architecture make_architecture(const std::string& name, const NetworkChoice& choice);

const char* name_of(const Architecture& architecture);
/// 2 or 3.
int dimensions_of(const Architecture& architecture);
std::int64_t classes_of(const Architecture& architecture);
/// Image sides must be multiples of this, in voxels.
std::int64_t side_multiple_of(const Architecture& architecture);
/// The least multiple of `multiple` that is at least `side`.
std::int64_t rounded_up(std::int64_t side, std::int64_t multiple);
/// Features of the first layer, at full resolution.
std::int64_t finest_features_of(const Architecture& architecture);
/// The tensors that a model file of this network holds.
NetworkTensors tensors_of(const Architecture& architecture);

/// Name and parameters as an object: {"name": "pool-unet", "dimensions": 3, "levels": 5, ...}. The
/// classes are not in it: a model has one per label.
nlohmann::ordered_json to_json(const Architecture& architecture);
/// The inverse for a network of `classes`; throws JsonError.
Architecture architecture_from_json(const nlohmann::json& json, std::int64_t classes);

/// Same kind and parameters, and as many classes.
bool same_architecture(const Architecture& a, const Architecture& b);

}  // namespace hypersynth
