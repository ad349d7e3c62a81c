#include "engine/networks/build_network.h"

#include "engine/networks/dilated_net.h"
#include "engine/networks/pool_unet.h"
#include "engine/networks/resize_unet.h"

namespace hypersynth {
namespace {

// One line per kind of network: from its parameters to its forward pass.
std::unique_ptr<Network> build(const PoolUnetOptions& options) {
  return std::make_unique<PoolUnet>(options);
}
std::unique_ptr<Network> build(const ResizeUnetOptions& options) {
  return std::make_unique<ResizeUnet>(options);
}
std::unique_ptr<Network> build(const DilatedNetOptions& options) {
  return std::make_unique<DilatedNet>(options);
}

}  // namespace

std::unique_ptr<Network> build_network(const Architecture& architecture) {
  return std::visit([](const auto& options) { return build(options); }, architecture);
}

}  // namespace hypersynth
