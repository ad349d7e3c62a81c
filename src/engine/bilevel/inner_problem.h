#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/augmentation/augmentation.h"
#include "engine/bilevel/losses.h"
#include "engine/networks/network.h"
#include "engine/networks/precision.h"

namespace hypersynth {

/// Synthetic images with the draws that A_theta will use on them.
struct InnerBatch {
  SyntheticBatch synthetic;
  Draws draws;
};

/// Labelled real images [N,1,...] and their references [N,...].
struct OuterBatch {
  at::Tensor image;
  at::Tensor reference;
};

/// The synthetic loss L_s(phi, theta), its gradient, and the products of its second derivatives
/// with a vector. phi and theta are flat, detached vectors.
class InnerProblem {
 public:
  InnerProblem(const Network& network, const Augmentation& augmentation, const LossOptions& loss)
      : network_(network), augmentation_(augmentation), loss_(loss) {}

  /// Value and gradient by phi; with the autograd graph if it was asked for (in full precision
  /// alone).
  struct Gradient {
    at::Tensor loss;                            // scalar, detached
    at::Tensor flat;                            // dL/dphi
    std::vector<at::Tensor> phi, theta, graph;  // leaves, and dL/dphi as functions of them
  };

  /// w^T d2L/(dphi dtheta) and, if asked for, w^T d2L/dphi2.
  struct Product {
    at::Tensor theta;
    at::Tensor phi;
  };

  Gradient gradient(const at::Tensor& phi, const at::Tensor& theta, const InnerBatch& batch,
                    bool keep_graph, const NormStatistics& norm = {},
                    Precision precision = Precision::kFull) const;

  /// By a second backward pass through the graph of `gradient`.
  Product exact_product(const Gradient& gradient, const at::Tensor& w, bool with_phi) const;

  /// By the central difference of dL/dtheta (and dL/dphi) at phi +- e w, e |w| = `difference_norm`:
  /// two ordinary passes. A_theta is evaluated once and differentiated once, since the derivative
  /// by its image is what differs between the two.
  Product difference_product(const at::Tensor& phi, const at::Tensor& theta,
                             const InnerBatch& batch, const at::Tensor& w, double difference_norm,
                             bool with_phi, const NormStatistics& norm = {}) const;

  const Network& network() const { return network_; }
  const Augmentation& augmentation() const { return augmentation_; }

 private:
  const Network& network_;
  const Augmentation& augmentation_;
  LossOptions loss_;
};

/// Value and gradient by phi of the loss of real images.
InnerProblem::Gradient real_gradient(const Network& network, const LossOptions& loss,
                                     const at::Tensor& phi, const OuterBatch& batch,
                                     const NormStatistics& norm = {},
                                     Precision precision = Precision::kFull);

}  // namespace hypersynth
