#pragma once

#include <memory>

#include "engine/model/architecture.h"
#include "engine/networks/network.h"

namespace hypersynth {

/// The network of an architecture, for training and for inference.
std::unique_ptr<Network> build_network(const Architecture& architecture);

}  // namespace hypersynth
