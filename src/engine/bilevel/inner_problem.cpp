#include "engine/bilevel/inner_problem.h"

#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

namespace hypersynth {
namespace {

using torch::autograd::grad;
using TensorList = std::vector<at::Tensor>;

/// 16-bit convolutions on a GPU want the channels last.
at::Tensor laid_out(const at::Tensor& image, Precision precision) {
  if (precision == Precision::kFull || !image.is_cuda()) return image;
  return with_channels_last(image);
}

/// Keeps the gradients of 16-bit floats from vanishing on their way back.
double loss_scale(Precision precision) { return precision == Precision::kFloat16 ? 1024 : 1; }

at::Tensor logits_at(const Network& network, const std::vector<at::Tensor>& phi,
                     const at::Tensor& image, const NormStatistics& norm, Precision precision) {
  const AutocastScope autocast(precision, image.device().type());
  return network.forward(laid_out(image, precision), phi, norm);
}

/// A loss and its derivatives, without a graph.
struct Derivatives {
  at::Tensor loss;
  TensorList by_input;  // of logits_at; times loss_scale
};

Derivatives derivatives(const LossOptions& options, const at::Tensor& logits,
                        const at::Tensor& reference, const TensorList& inputs,
                        Precision precision) {
  const double scale = loss_scale(precision);
  if (reference.requires_grad()) {
    const auto loss = segmentation_loss(options, logits, reference);
    return {loss.detach(), grad({loss * scale}, inputs, {}, false, false, true)};
  }
  auto found = segmentation_loss_gradient(options, logits, reference);
  if (scale != 1) found.by_logits.mul_(scale);
  const auto by_logits = found.by_logits.to(logits.scalar_type());
  return {found.loss, grad({logits}, inputs, {by_logits}, false, false, true)};
}

at::Tensor flat(const Network& network, const TensorList& by_phi, const at::Tensor& phi,
                Precision precision) {
  auto gradient = network.parameters().flatten(by_phi, phi).div_(loss_scale(precision));
  if (precision != Precision::kFloat16) return gradient;
  // One that has left the range of 16 bits says nothing: the step is left out.
  return gradient.masked_fill_(gradient.isfinite().all().logical_not(), 0);
}

at::Tensor leaf(const at::Tensor& tensor) { return tensor.detach().requires_grad_(); }

}  // namespace

InnerProblem::Gradient InnerProblem::gradient(const at::Tensor& phi, const at::Tensor& theta,
                                              const InnerBatch& batch, bool keep_graph,
                                              const NormStatistics& norm,
                                              Precision precision) const {
  Gradient result;
  result.phi = network_.parameters().leaves(phi);
  result.theta =
      keep_graph ? augmentation_.layout().leaves(theta) : augmentation_.layout().views(theta);
  SyntheticBatch augmented;
  {
    const c10::AutoGradMode mode(keep_graph);
    augmented = augmentation_.apply(batch.synthetic, result.theta, batch.draws);
  }
  const auto logits = logits_at(network_, result.phi, augmented.image, norm, precision);
  if (!keep_graph) {
    const auto found = derivatives(loss_, logits, augmented.reference, result.phi, precision);
    return {found.loss, flat(network_, found.by_input, phi, precision), {}, {}, {}};
  }
  const auto loss = segmentation_loss(loss_, logits, augmented.reference);
  result.graph = grad({loss}, result.phi, {}, true, true, true);
  result.loss = loss.detach();
  result.flat = network_.parameters().flatten(result.graph, phi);
  return result;
}

InnerProblem::Product InnerProblem::exact_product(const Gradient& gradient, const at::Tensor& w,
                                                  bool with_phi) const {
  std::vector<at::Tensor> outputs, weights;
  const auto parts = network_.parameters().views(w);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!gradient.graph[i].defined() || !gradient.graph[i].requires_grad()) continue;
    outputs.push_back(gradient.graph[i]);
    weights.push_back(parts[i]);
  }
  auto inputs = gradient.theta;
  if (with_phi) inputs.insert(inputs.end(), gradient.phi.begin(), gradient.phi.end());
  const auto derivatives = grad(outputs, inputs, weights, false, false, true);
  const auto split = derivatives.begin() + static_cast<std::ptrdiff_t>(gradient.theta.size());
  Product product;
  product.theta = augmentation_.layout().flatten(TensorList(derivatives.begin(), split), w);
  if (with_phi)
    product.phi = network_.parameters().flatten(TensorList(split, derivatives.end()), w);
  return product;
}

InnerProblem::Product InnerProblem::difference_product(const at::Tensor& phi,
                                                       const at::Tensor& theta,
                                                       const InnerBatch& batch, const at::Tensor& w,
                                                       double difference_norm, bool with_phi,
                                                       const NormStatistics& norm) const {
  // The two passes differ by less than what TF32 leaves of a weight.
  const WithoutTf32 all_bits(phi.device());
  const auto step = w * (w.norm().clamp_min(1e-30).reciprocal() * difference_norm);
  const auto theta_leaves = augmentation_.layout().leaves(theta);
  const auto augmented = augmentation_.apply(batch.synthetic, theta_leaves, batch.draws);
  std::vector<at::Tensor> made{augmented.image};
  if (augmented.reference.requires_grad()) made.push_back(augmented.reference);

  const auto derivatives_at = [&](const at::Tensor& point) {
    std::vector<at::Tensor> inputs;
    for (const auto& tensor : made) inputs.push_back(leaf(tensor));
    const auto parameters =
        with_phi ? network_.parameters().leaves(point) : network_.parameters().views(point);
    const at::Tensor reference = made.size() > 1 ? inputs[1] : augmented.reference;
    const auto logits = logits_at(network_, parameters, inputs[0], norm, Precision::kFull);
    if (with_phi) inputs.insert(inputs.end(), parameters.begin(), parameters.end());
    return derivatives(loss_, logits, reference, inputs, Precision::kFull).by_input;
  };
  auto difference = derivatives_at(phi + step);
  const auto minus = derivatives_at(phi - step);
  // 1 / (2 e), e = difference_norm / |w|.
  const auto scale = w.norm() / (2 * difference_norm);
  for (std::size_t i = 0; i < difference.size(); ++i) {
    if (difference[i].defined()) difference[i] = (difference[i] - minus[i]) * scale;
  }
  Product product;
  const auto split = difference.begin() + static_cast<std::ptrdiff_t>(made.size());
  const auto by_theta =
      grad(made, theta_leaves, TensorList(difference.begin(), split), false, false, true);
  product.theta = augmentation_.layout().flatten(by_theta, w);
  if (with_phi) product.phi = network_.parameters().flatten(TensorList(split, difference.end()), w);
  return product;
}

InnerProblem::Gradient real_gradient(const Network& network, const LossOptions& loss,
                                     const at::Tensor& phi, const OuterBatch& batch,
                                     const NormStatistics& norm, Precision precision) {
  const auto leaves = network.parameters().leaves(phi);
  const auto logits = logits_at(network, leaves, batch.image, norm, precision);
  const auto found = derivatives(loss, logits, batch.reference, leaves, precision);
  return {found.loss, flat(network, found.by_input, phi, precision), {}, {}, {}};
}

}  // namespace hypersynth
