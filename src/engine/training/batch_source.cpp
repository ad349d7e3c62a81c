#include "engine/training/batch_source.h"

#include <c10/core/GradMode.h>

namespace hypersynth {

InnerBatch BatchSource::inner(std::mt19937_64& random, at::Generator& generator) const {
  InnerBatch batch;
  batch.synthetic = model_.synthesise(data_.random_maps(batch_size_, random), generator);
  batch.draws = augmentation_.draw(batch.synthetic, generator);
  return batch;
}

OuterBatch BatchSource::synthetic(const at::Tensor& theta, std::mt19937_64& random,
                                  at::Generator& generator) const {
  const c10::AutoGradMode no_gradient(false);
  const auto& changing = augmentation_.always();
  const auto batch = model_.synthesise(data_.random_maps(batch_size_, random), generator);
  const auto draws = changing.draw(batch, generator);
  const auto made = changing.apply(batch, changing.layout().views(theta), draws);
  return {made.image, made.reference};
}

OuterBatch BatchSource::real(std::mt19937_64& random, at::Generator& generator) const {
  if (true_theta_.defined()) return synthetic(true_theta_, random, generator);
  return data_.random_real(batch_size_, random);
}

}  // namespace hypersynth
