#include "engine/training/training_example.h"

#include <algorithm>
#include <random>

#include <ATen/Context.h>
#include <ATen/ops/tensor.h>

#include "core/random.h"
#include "engine/data/packed_data.h"
#include "engine/synthesis/synthetic_pair.h"
#include "engine/training/batch_source.h"
#include "engine/training/torch_errors.h"
#include "engine/training/training_setup.h"

namespace hypersynth {
namespace {

at::Tensor theta_at(const Augmentation& augmentation,
                    const std::vector<SynthesisParameter>& parameters, ExampleMoment moment,
                    std::uint64_t seed) {
  auto generator = at::globalContext().defaultGenerator(at::kCPU).clone();
  generator.set_current_seed(stream_seed(seed, "start"));
  auto theta = augmentation.initial_theta(generator);
  auto views = augmentation.layout().views(theta);
  for (std::size_t i = 0; i < views.size(); ++i) {
    const auto& name = augmentation.layout().specs()[i].name;
    const auto found =
        std::find_if(parameters.begin(), parameters.end(),
                     [&](const SynthesisParameter& parameter) { return parameter.name == name; });
    if (found == parameters.end()) continue;
    const auto& values = moment == ExampleMoment::kStart ? found->start : found->learned;
    if (static_cast<std::int64_t>(values.size()) != views[i].numel()) continue;
    views[i].copy_(at::tensor(values).view(views[i].sizes()));
  }
  return theta;
}

}  // namespace

SyntheticPair training_example(const TrainingOptions& options,
                               const std::vector<SynthesisParameter>& parameters,
                               ExampleMoment moment, std::uint64_t seed) {
  return with_own_errors([&] {
    const auto packed = PackedData::open(options.data);
    const auto synthesis = on_spacing(options.synthesis, packed.spacing_mm());
    const GenerativeModel model(synthesis, packed.table(), at::kCPU);
    const TrainingData data(packed, synthesis, at::kCPU, true, false);
    const auto augmentation = make_augmentation(options, model.intensity_class_count());
    const BatchSource batches(data, model, *augmentation, 1, {});
    std::mt19937_64 random(stream_seed(seed, "example choice"));
    auto generator = at::globalContext().defaultGenerator(at::kCPU).clone();
    generator.set_current_seed(stream_seed(seed, "example draws"));
    const auto batch =
        batches.synthetic(theta_at(*augmentation, parameters, moment, seed), random, generator);
    return synthetic_pair(batch.image[0][0], batch.reference[0], packed.table(), synthesis);
  });
}

}  // namespace hypersynth
