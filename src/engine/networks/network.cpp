#include "engine/networks/network.h"

#include <cmath>

#include <ATen/ops/batch_norm.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>

#include "engine/networks/convolution.h"

namespace hypersynth {
namespace {

constexpr double kMomentum = 0.1;

at::Tensor initial(const TensorSpec& spec, at::Generator* generator) {
  const at::TensorOptions options(at::kFloat);
  if (spec.fan_in == 0 || generator == nullptr)
    return at::full({spec.size()}, spec.constant, options);
  const double bound = 1 / std::sqrt(static_cast<double>(spec.fan_in));
  return at::rand({spec.size()}, *generator, options).mul_(2 * bound).sub_(bound);
}

at::Tensor initial(const TensorLayout& layout, at::Generator* generator) {
  std::vector<at::Tensor> rows;
  for (const auto& spec : layout.specs()) rows.push_back(initial(spec, generator));
  return layout.flatten(rows, at::full({1}, 0, at::TensorOptions(at::kFloat)));
}

}  // namespace

at::Tensor Network::initial_parameters(at::Generator& generator) const {
  return initial(parameters_, &generator);
}

at::Tensor Network::initial_buffers() const { return initial(buffers_, nullptr); }

at::Tensor Network::convolve(const at::Tensor& x, const std::vector<at::Tensor>& parameters,
                             std::size_t weight, std::int64_t dilation) {
  return convolution(x, parameters[weight], parameters[weight + 1], dilation);
}

at::Tensor Network::batch_normalise(const at::Tensor& x, const std::vector<at::Tensor>& parameters,
                                    const LayerTensors& layer, const NormStatistics& norm) {
  const bool running = !norm.running.empty();
  const bool from_batch = !running || norm.update;
  return at::batch_norm(x, parameters[layer.norm], parameters[layer.norm + 1],
                        running ? norm.running[layer.statistics] : at::Tensor(),
                        running ? norm.running[layer.statistics + 1] : at::Tensor(), from_batch,
                        kMomentum, kNormEpsilon, true);
}

}  // namespace hypersynth
