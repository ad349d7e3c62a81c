#include "engine/bilevel/hypergradient.h"

#include <cmath>

#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

namespace hypersynth {
namespace {

void accumulate(at::Tensor& total, const at::Tensor& value, double weight) {
  if (!value.defined()) return;
  total = total.defined() ? total.add(value, weight) : value * weight;
}

/// Adds `gradient` to the average and gives the mean so far.
at::Tensor averaged(const at::Tensor& gradient, double decay, OuterAverage& average) {
  ++average.steps;
  average.sum =
      average.sum.defined() ? average.sum * decay + gradient * (1 - decay) : gradient * (1 - decay);
  return average.sum / (1 - std::pow(decay, static_cast<double>(average.steps)));
}

}  // namespace

BilevelResult BilevelStep::run(const at::Tensor& phi, const OptimiserState& state,
                               const at::Tensor& theta, const BilevelBatches& batches,
                               double learning_rate, const NormStatistics& norm,
                               const OuterAverage& outer) const {
  const c10::AutoGradMode grad_mode(true);
  std::vector<Forward> steps;
  BilevelResult result;
  result.parameters = phi;
  result.state = state;
  for (const auto& inner : batches.inner) {
    auto forward = inner_step(result.parameters, result.state, theta, inner, learning_rate, norm,
                              result.synthetic_loss);
    result.parameters = forward.step.parameters;
    result.state = forward.step.state;
    result.synthetic_gradient = forward.step.gradient;
    if (options_.mode != HypergradientMode::kNone) steps.push_back(std::move(forward));
  }
  result.synthetic_loss = result.synthetic_loss / static_cast<double>(batches.inner.size());
  if (options_.mode == HypergradientMode::kNone) return result;

  const auto unchanged = norm.unchanged();
  at::Tensor by_phi;
  const auto add = [&](const std::vector<OuterBatch>& list, double sign, at::Tensor& loss) {
    const double share = 1 / static_cast<double>(list.size());
    for (const auto& batch : list) {
      const auto found = real_gradient(problem_.network(), outer_loss_, result.parameters, batch,
                                       unchanged, precision_);
      accumulate(loss, found.loss, share);
      accumulate(by_phi, found.flat, sign * share);
    }
  };
  add(batches.outer, 1, result.real_loss);
  add(batches.baseline, -1, result.baseline_loss);
  result.outer = outer;
  if (options_.outer_decay > 0) by_phi = averaged(by_phi, options_.outer_decay, result.outer);
  result.hypergradient =
      options_.mode == HypergradientMode::kNeumann
          ? through_optimum(result.parameters, theta, batches.inner.back(), by_phi, unchanged)
          : through_steps(steps, theta, batches, learning_rate, by_phi, unchanged);
  return result;
}

BilevelStep::Forward BilevelStep::inner_step(const at::Tensor& phi, const OptimiserState& state,
                                             const at::Tensor& theta,
                                             const std::vector<InnerBatch>& batches,
                                             double learning_rate, const NormStatistics& norm,
                                             at::Tensor& loss) const {
  Forward forward;
  forward.phi = phi;
  // The graph of one batch is kept; with several, each is made again when its product is taken.
  const bool keep_graph = options_.mode == HypergradientMode::kExact && batches.size() == 1;
  at::Tensor gradient;
  const double share = 1 / static_cast<double>(batches.size());
  for (const auto& batch : batches) {
    auto part = problem_.gradient(phi, theta, batch, keep_graph, norm,
                                  keep_graph ? Precision::kFull : precision_);
    accumulate(loss, part.loss, share);
    accumulate(gradient, part.flat, share);
    if (keep_graph) forward.gradient = std::move(part);
  }
  forward.step = optimiser_step(optimiser_, learning_rate, phi, gradient, state);
  return forward;
}

BilevelStep::Product BilevelStep::product(const at::Tensor& phi, const at::Tensor& theta,
                                          const std::vector<InnerBatch>& batches,
                                          const Gradient& kept, const at::Tensor& w, bool with_phi,
                                          const NormStatistics& norm) const {
  Product total;
  const double share = 1 / static_cast<double>(batches.size());
  for (const auto& batch : batches) {
    Product part;
    if (options_.mode == HypergradientMode::kExact) {
      part = kept.graph.empty() ? problem_.exact_product(
                                      problem_.gradient(phi, theta, batch, true, norm), w, with_phi)
                                : problem_.exact_product(kept, w, with_phi);
    } else {
      part = problem_.difference_product(phi, theta, batch, w, options_.difference_norm, with_phi,
                                         norm);
    }
    accumulate(total.theta, part.theta, share);
    accumulate(total.phi, part.phi, share);
  }
  return total;
}

at::Tensor BilevelStep::through_steps(const std::vector<Forward>& steps, const at::Tensor& theta,
                                      const BilevelBatches& batches, double learning_rate,
                                      const at::Tensor& by_phi, const NormStatistics& norm) const {
  at::Tensor hypergradient;
  OptimiserAdjoint after{by_phi, {}, {}};
  for (std::size_t k = steps.size(); k-- > 0;) {
    const auto& forward = steps[k];
    const auto adjoint = optimiser_step_adjoint(optimiser_, learning_rate, forward.step, after);
    const bool earlier = k > 0;
    const auto part = product(forward.phi, theta, batches.inner[k], forward.gradient,
                              adjoint.gradient, earlier, norm);
    accumulate(hypergradient, part.theta, 1);
    if (!earlier) break;
    after = adjoint.before;
    accumulate(after.parameters, part.phi, 1);
  }
  return hypergradient;
}

at::Tensor BilevelStep::through_optimum(const at::Tensor& phi, const at::Tensor& theta,
                                        const std::vector<InnerBatch>& batches,
                                        const at::Tensor& by_phi,
                                        const NormStatistics& norm) const {
  // dphi*/dtheta = -H^-1 d2L/(dphi dtheta) with H^-1 = eta sum_j (1 - eta H)^j.
  const double eta = options_.neumann_eta;
  auto term = by_phi;
  auto sum = by_phi;
  for (int j = 1; j < options_.neumann_terms; ++j) {
    term = term.add(product(phi, theta, batches, {}, term, true, norm).phi, -eta);
    sum = sum + term;
  }
  return product(phi, theta, batches, {}, sum * -eta, false, norm).theta;
}

}  // namespace hypersynth
