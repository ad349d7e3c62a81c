#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/bilevel/hypergradient_options.h"
#include "engine/bilevel/inner_problem.h"
#include "engine/bilevel/optimiser.h"

namespace hypersynth {

/// What one bilevel step works on. All batches of one inner step are averaged, and so are the
/// real ones; memory is that of one batch at a time.
struct BilevelBatches {
  std::vector<std::vector<InnerBatch>> inner;  // [inner steps][synthetic batches]
  std::vector<OuterBatch> outer;               // real batches; may be empty in mode none
};

struct BilevelResult {
  at::Tensor parameters;          // phi after the inner steps
  OptimiserState state;           // moments after them
  at::Tensor synthetic_loss;      // scalar, mean over the inner steps
  at::Tensor synthetic_gradient;  // dL_s/dphi of the last inner step
  at::Tensor real_loss;           // scalar at the new phi; undefined in mode none
  at::Tensor hypergradient;       // dL_r/dtheta through the inner steps; undefined in mode none
};

/// The Learn2Synth step: K inner optimiser steps on synthetic images, then the gradient by theta of
/// the real loss at the new phi, in reverse through those steps. phi and the moments that come in
/// are constants. theta itself is left to the caller.
class BilevelStep {
 public:
  BilevelStep(const InnerProblem& problem, const LossOptions& outer_loss,
              const OptimiserOptions& optimiser, const HypergradientOptions& hypergradient,
              Precision precision = Precision::kFull)
      : problem_(problem),
        outer_loss_(outer_loss),
        optimiser_(optimiser),
        options_(hypergradient),
        precision_(precision) {}

  /// `norm` (running statistics, if the network has any) is updated by the synthetic passes.
  BilevelResult run(const at::Tensor& phi, const OptimiserState& state, const at::Tensor& theta,
                    const BilevelBatches& batches, double learning_rate,
                    const NormStatistics& norm = {}) const;

 private:
  using Gradient = InnerProblem::Gradient;
  using Product = InnerProblem::Product;
  struct Forward {
    at::Tensor phi;  // before the step
    OptimiserStep step;
    Gradient gradient;  // of the only batch, with its graph, in exact mode
  };

  Forward inner_step(const at::Tensor& phi, const OptimiserState& state, const at::Tensor& theta,
                     const std::vector<InnerBatch>& batches, double learning_rate,
                     const NormStatistics& norm, at::Tensor& loss) const;
  Product product(const at::Tensor& phi, const at::Tensor& theta,
                  const std::vector<InnerBatch>& batches, const Gradient& kept, const at::Tensor& w,
                  bool with_phi) const;
  at::Tensor through_steps(const std::vector<Forward>& steps, const at::Tensor& theta,
                           const BilevelBatches& batches, double learning_rate,
                           const at::Tensor& by_phi) const;
  at::Tensor through_optimum(const at::Tensor& phi, const at::Tensor& theta,
                             const std::vector<InnerBatch>& batches,
                             const at::Tensor& by_phi) const;

  const InnerProblem& problem_;
  LossOptions outer_loss_;
  OptimiserOptions optimiser_;
  HypergradientOptions options_;
  Precision precision_;
};

}  // namespace hypersynth
