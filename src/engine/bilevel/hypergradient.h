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
  /// Synthetic batches made at the present theta, apart from the inner ones; may be empty. Their
  /// loss, with theta held fixed in it, is subtracted from the real loss (see BilevelStep).
  std::vector<OuterBatch> baseline = {};
};

/// Running mean of the outer gradient over the steps so far, weighted by decay^age.
struct OuterAverage {
  std::int64_t steps = 0;
  at::Tensor sum;  // as long as phi; undefined before the first step
};

struct BilevelResult {
  at::Tensor parameters;          // phi after the inner steps
  OptimiserState state;           // moments after them
  at::Tensor synthetic_loss;      // scalar, mean over the inner steps
  at::Tensor synthetic_gradient;  // dL_s/dphi of the last inner step
  at::Tensor real_loss;           // scalar at the new phi; undefined in mode none
  at::Tensor baseline_loss;       // likewise; undefined without baseline batches
  at::Tensor hypergradient;       // d(L_r - L_b)/dtheta through the inner steps; as real_loss
  OuterAverage outer;             // with this step's gradient
};

/// The Learn2Synth step: K inner optimiser steps on synthetic images, then the gradient by theta of
/// the real loss at the new phi, in reverse through those steps. phi and the moments that come in
/// are constants. theta itself is left to the caller.
///
/// One step of SGD shows what the real loss alone asks for: dL_r/dtheta = -lr g_r . dg_s/dtheta,
/// where g_r and g_s are the mean gradients by phi on real and on synthetic images. Where theta is
/// right, g_r = g_s, and what remains is the slope of -lr |g_s|^2 / 2: theta still gains by making
/// gradients larger, until the network has converged and g_s is 0. With baseline batches b of the
/// present theta it is -lr (g_r - g_b) . dg_s/dtheta, the slope of lr |g_r - g_s|^2 / 2. Given
/// phi', g_r and g_b then have one mean where theta is right, so that the mean hypergradient is 0
/// at any phi, optimiser and number of steps.
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

  /// `norm` (running statistics, if the network has any) is updated by the synthetic passes; where
  /// it is only read, all passes read it.
  BilevelResult run(const at::Tensor& phi, const OptimiserState& state, const at::Tensor& theta,
                    const BilevelBatches& batches, double learning_rate,
                    const NormStatistics& norm = {}, const OuterAverage& outer = {}) const;

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
                  bool with_phi, const NormStatistics& norm) const;
  at::Tensor through_steps(const std::vector<Forward>& steps, const at::Tensor& theta,
                           const BilevelBatches& batches, double learning_rate,
                           const at::Tensor& by_phi, const NormStatistics& norm) const;
  at::Tensor through_optimum(const at::Tensor& phi, const at::Tensor& theta,
                             const std::vector<InnerBatch>& batches, const at::Tensor& by_phi,
                             const NormStatistics& norm) const;

  const InnerProblem& problem_;
  LossOptions outer_loss_;
  OptimiserOptions optimiser_;
  HypergradientOptions options_;
  Precision precision_;
};

}  // namespace hypersynth
