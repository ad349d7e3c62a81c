#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "engine/bilevel/hypergradient.h"

namespace hypersynth {

/// A network, a synthetic and a real image of random values with random labels, and Adam: what one
/// training step works on, without any data.
class TrainingCase {
 public:
  /// `net`: "default" (the U-Net of the default model) or "small" (the U-Net of the Learn2Synth
  /// paper, 16 to 64 features, no normalisation). Throws std::invalid_argument on another name.
  TrainingCase(const std::string& net, const std::vector<std::int64_t>& sides,
               const std::string& device, at::ScalarType type,
               Precision precision = Precision::kFull);

  /// One step of the mode "plain", "exact" or "central-difference"; moves the parameters.
  BilevelResult step(const std::string& mode);
  /// The product of the second derivatives of the synthetic loss by phi and (phi, theta) with a
  /// random vector, from the start: by a second backward pass, or by the difference of two
  /// gradients.
  InnerProblem::Product hessian_vector(bool exact) const;
  /// Images and inputs by name, and what the network and two steps of each mode make of them.
  std::vector<std::pair<std::string, at::Tensor>> tensors();

 private:
  void start();

  at::Device device_;
  Precision precision_;
  std::unique_ptr<Network> network_;
  std::unique_ptr<Augmentation> augmentation_;
  LossOptions loss_;
  at::Tensor first_phi_, phi_, buffers_, theta_, direction_;
  OptimiserState state_;
  InnerBatch batch_;
  OuterBatch real_;
};

/// Synthetic images of the generative model from a map of random labels.
class SynthesisCase {
 public:
  SynthesisCase(const std::vector<std::int64_t>& sides, const std::string& device);
  ~SynthesisCase();
  /// One image.
  void run();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace hypersynth
