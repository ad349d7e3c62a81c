#include "engine/bilevel/optimiser.h"

#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/dot.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

namespace hypersynth {
namespace {

/// a + b where undefined tensors are zero.
at::Tensor sum(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined()) return b;
  return b.defined() ? a + b : a;
}

at::Tensor scaled(const at::Tensor& a, double factor) {
  return a.defined() ? a * factor : at::Tensor();
}

/// min(1, limit / |g|), on the device.
at::Tensor clip_factor(const at::Tensor& gradient, double limit) {
  return (gradient.norm().clamp_min(1e-30).reciprocal() * limit).clamp_max(1);
}

struct AdamTerms {
  double rate;        // learning rate / (1 - b1^t)
  double root_c2;     // sqrt(1 - b2^t)
  at::Tensor root_v;  // sqrt(v)
  at::Tensor denominator;
};

AdamTerms adam_terms(const OptimiserOptions& options, double learning_rate,
                     const OptimiserState& after) {
  const auto t = static_cast<double>(after.step);
  AdamTerms terms;
  terms.rate = learning_rate / (1 - std::pow(options.beta1, t));
  terms.root_c2 = std::sqrt(1 - std::pow(options.beta2, t));
  terms.root_v = after.second.sqrt();
  terms.denominator = terms.root_v / terms.root_c2 + options.epsilon;
  return terms;
}

void adam_step(const OptimiserOptions& options, double learning_rate, const at::Tensor& parameters,
               const OptimiserState& state, OptimiserStep& result) {
  const auto& g = result.applied;
  auto& after = result.state;
  after.first = state.first.defined() ? state.first * options.beta1 : at::zeros_like(g);
  after.first.add_(g, 1 - options.beta1);
  after.second = state.second.defined() ? state.second * options.beta2 : at::zeros_like(g);
  after.second.addcmul_(g, g, 1 - options.beta2);
  const auto terms = adam_terms(options, learning_rate, after);
  const double kept =
      options.kind == OptimiserKind::kAdamW ? 1 - learning_rate * options.weight_decay : 1;
  const auto start = kept == 1 ? parameters : parameters * kept;
  result.parameters = start.addcdiv(after.first, terms.denominator, -terms.rate);
}

void sgd_step(const OptimiserOptions& options, double learning_rate, const at::Tensor& parameters,
              const OptimiserState& state, OptimiserStep& result) {
  const auto& g = result.applied;
  auto direction = g;
  if (options.momentum != 0) {
    result.state.first = state.first.defined() ? state.first * options.momentum + g : g;
    direction = options.nesterov ? g + result.state.first * options.momentum : result.state.first;
  }
  result.parameters = parameters.add(direction, -learning_rate);
}

StepAdjoint adam_adjoint(const OptimiserOptions& options, double learning_rate,
                         const OptimiserStep& step, const OptimiserAdjoint& after) {
  const auto terms = adam_terms(options, learning_rate, step.state);
  const auto& d = terms.denominator;
  const auto alive = step.state.second > 0;
  auto by_first = after.first;
  auto by_second = after.second;
  StepAdjoint adjoint;
  if (after.parameters.defined()) {
    by_first = sum(by_first, after.parameters / d * -terms.rate);
    const auto slope = step.state.first * after.parameters * (terms.rate / (2 * terms.root_c2)) /
                       (d * d * terms.root_v);
    by_second = sum(by_second, at::where(alive, slope, at::zeros_like(slope)));
    const double kept =
        options.kind == OptimiserKind::kAdamW ? 1 - learning_rate * options.weight_decay : 1;
    adjoint.before.parameters = scaled(after.parameters, kept);
  }
  auto by_gradient = scaled(by_first, 1 - options.beta1);
  if (by_second.defined())
    by_gradient = sum(by_gradient, by_second * step.applied * (2 * (1 - options.beta2)));
  adjoint.gradient = at::where(alive, by_gradient, at::zeros_like(by_gradient));
  adjoint.before.first = scaled(by_first, options.beta1);
  adjoint.before.second = scaled(by_second, options.beta2);
  return adjoint;
}

StepAdjoint sgd_adjoint(const OptimiserOptions& options, double learning_rate,
                        const OptimiserAdjoint& after) {
  const auto by_direction = scaled(after.parameters, -learning_rate);
  StepAdjoint adjoint;
  adjoint.before.parameters = after.parameters;
  if (options.momentum == 0) {
    adjoint.gradient = by_direction;
    return adjoint;
  }
  const auto by_buffer =
      sum(after.first, options.nesterov ? scaled(by_direction, options.momentum) : by_direction);
  adjoint.gradient = options.nesterov ? sum(by_direction, by_buffer) : by_buffer;
  adjoint.before.first = scaled(by_buffer, options.momentum);
  return adjoint;
}

/// Through g' = g min(1, c / |g|), where c / |g| turns by -c / |g|^3 g.
at::Tensor clip_adjoint(const at::Tensor& gradient, double limit, const at::Tensor& by_clipped) {
  const auto norm = gradient.norm().clamp_min(1e-30);
  const auto along = gradient * (at::dot(gradient, by_clipped) / (norm * norm));
  return at::where(norm > limit, (by_clipped - along) * (norm.reciprocal() * limit), by_clipped);
}

bool decays_gradient(const OptimiserOptions& options) {
  return options.weight_decay != 0 && options.kind != OptimiserKind::kAdamW;
}

}  // namespace

OptimiserStep optimiser_step(const OptimiserOptions& options, double learning_rate,
                             const at::Tensor& parameters, const at::Tensor& gradient,
                             const OptimiserState& state) {
  OptimiserStep result;
  result.state = state;
  result.state.step = state.step + 1;
  result.gradient = gradient;
  result.applied = options.gradient_clip > 0
                       ? gradient * clip_factor(gradient, options.gradient_clip)
                       : gradient;
  if (decays_gradient(options))
    result.applied = result.applied.add(parameters, options.weight_decay);
  if (options.kind == OptimiserKind::kSgd)
    sgd_step(options, learning_rate, parameters, state, result);
  else
    adam_step(options, learning_rate, parameters, state, result);
  return result;
}

StepAdjoint optimiser_step_adjoint(const OptimiserOptions& options, double learning_rate,
                                   const OptimiserStep& step, const OptimiserAdjoint& after) {
  auto adjoint = options.kind == OptimiserKind::kSgd
                     ? sgd_adjoint(options, learning_rate, after)
                     : adam_adjoint(options, learning_rate, step, after);
  if (decays_gradient(options))
    adjoint.before.parameters =
        sum(adjoint.before.parameters, adjoint.gradient * options.weight_decay);
  if (options.gradient_clip > 0)
    adjoint.gradient = clip_adjoint(step.gradient, options.gradient_clip, adjoint.gradient);
  return adjoint;
}

}  // namespace hypersynth
