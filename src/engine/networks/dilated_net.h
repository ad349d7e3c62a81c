#pragma once

#include "engine/networks/network.h"

namespace hypersynth {

struct DilatedNetOptions {
  int dimensions = 2;
  std::int64_t in_channels = 1;
  std::int64_t out_channels = 4;
  std::int64_t features = 8;
  /// 3x3 convolutions with ELU, dilated by 1, 2, 4, ...
  int convolutions = 3;
};

/// A few dilated convolutions and a 1x1 head (1,284 parameters as it stands in 2-D): the smallest
/// net whose hypergradients are worth following, for experiments that take a minute on a CPU.
class DilatedNet : public Network {
 public:
  explicit DilatedNet(const DilatedNetOptions& options);

  at::Tensor forward(const at::Tensor& image, const std::vector<at::Tensor>& parameters,
                     const NormStatistics& norm = {}) const override;

 private:
  std::vector<std::size_t> convolutions_;
  std::size_t head_ = 0;
};

}  // namespace hypersynth
