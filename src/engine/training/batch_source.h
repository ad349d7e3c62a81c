#pragma once

#include <random>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "engine/augmentation/augmentation.h"
#include "engine/bilevel/inner_problem.h"
#include "engine/synthesis/generative_model.h"
#include "engine/training/training_data.h"

namespace hypersynth {

/// The random batches of a training step. Each takes from both sources of randomness: volumes and
/// places in real images from `random`, all else from `generator`.
class BatchSource {
 public:
  /// `true_theta`: real images are synthetic ones with these parameters of the augmentation;
  /// undefined: they are those of `data`. All but the tensor must outlive this.
  BatchSource(const TrainingData& data, const GenerativeModel& model,
              const Augmentation& augmentation, int batch_size, at::Tensor true_theta)
      : data_(data),
        model_(model),
        augmentation_(augmentation),
        batch_size_(static_cast<std::size_t>(batch_size)),
        true_theta_(std::move(true_theta)) {}

  InnerBatch inner(std::mt19937_64& random, at::Generator& generator) const;
  /// Synthetic images at `theta`, without a graph: all of them, whatever share inner() leaves
  /// unchanged, since they are what real images are compared with.
  OuterBatch synthetic(const at::Tensor& theta, std::mt19937_64& random,
                       at::Generator& generator) const;
  OuterBatch real(std::mt19937_64& random, at::Generator& generator) const;

 private:
  const TrainingData& data_;
  const GenerativeModel& model_;
  const Augmentation& augmentation_;
  std::size_t batch_size_;
  at::Tensor true_theta_;
};

}  // namespace hypersynth
