#pragma once

#include <ATen/core/Tensor.h>

#include "engine/bilevel/optimiser_options.h"

namespace hypersynth {

/// Moments of the gradient, as long as the parameters; undefined before the first step.
struct OptimiserState {
  std::int64_t step = 0;
  at::Tensor first;   // momentum buffer (SGD), mean (Adam)
  at::Tensor second;  // uncentred variance (Adam)
};

/// One step, and what its derivative needs.
struct OptimiserStep {
  at::Tensor parameters;  // phi'
  OptimiserState state;   // moments after the step
  at::Tensor gradient;    // as given
  at::Tensor applied;     // after clipping and weight decay
};

/// phi' from phi and g (flat, detached); changes neither, and makes no host synchronisation.
OptimiserStep optimiser_step(const OptimiserOptions& options, double learning_rate,
                             const at::Tensor& parameters, const at::Tensor& gradient,
                             const OptimiserState& state);

/// Derivatives of a scalar by the parameters and moments; an undefined tensor stands for zero.
struct OptimiserAdjoint {
  at::Tensor parameters;
  at::Tensor first;
  at::Tensor second;
};

/// Derivatives of the same scalar by what went into a step. `before.parameters` leaves out the way
/// through the gradient, which itself depends on the parameters.
struct StepAdjoint {
  at::Tensor gradient;
  OptimiserAdjoint before;
};

/// The closed-form vector-Jacobian product of optimiser_step: for Adam, with d = sqrt(v) /
/// sqrt(1 - b2^t) + eps and u = dL/dphi',
///   dL/dg = -(lr / (1 - b1^t)) [(1 - b1) / d - m (1 - b2) g / (d^2 sqrt(v) sqrt(1 - b2^t))] u,
/// and 0 where v = 0 (a unit that never had a gradient), not NaN.
StepAdjoint optimiser_step_adjoint(const OptimiserOptions& options, double learning_rate,
                                   const OptimiserStep& step, const OptimiserAdjoint& after);

}  // namespace hypersynth
