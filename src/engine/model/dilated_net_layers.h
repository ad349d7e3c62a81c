#pragma once

#include <vector>

#include "engine/model/network_tensors.h"

namespace hypersynth {

/// Parameters of the smallest network; see DilatedNetLayers.
struct DilatedNetOptions {
  static constexpr const char* kName = "dilated";

  int dimensions = 2;
  std::int64_t in_channels = 1;
  std::int64_t out_channels = 4;
  std::int64_t features = 8;
  /// 3x3 convolutions with ELU, dilated by 1, 2, 4, ...
  int convolutions = 3;

  static DilatedNetOptions from(const NetworkChoice& choice);
  std::int64_t side_multiple() const { return 1; }

  /// As PoolUnetOptions::visit_fields.
  template <typename Self, typename Visit>
  static void visit_fields(Self& self, Visit&& visit) {
    visit("dimensions", self.dimensions, 2, 3);
    visit("features", self.features, 1, 1 << 16);
    visit("convolutions", self.convolutions, 1, 16);
  }
};

/// The tensors of a few dilated convolutions, `conv0`, `conv1`, ..., and a 1x1 `head` (1,284
/// parameters as it stands in 2-D): the smallest network whose hypergradients are worth following,
/// for experiments that take a minute on a CPU.
struct DilatedNetLayers {
  explicit DilatedNetLayers(const DilatedNetOptions& options);

  NetworkTensors tensors;
  std::vector<std::size_t> convolutions;  ///< Their positions.
  std::size_t head = 0;                   ///< The convolution's position.
};

inline NetworkTensors tensors_of(const DilatedNetOptions& options) {
  return DilatedNetLayers(options).tensors;
}

}  // namespace hypersynth
