#pragma once

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "engine/networks/tensor_layout.h"
#include "engine/synthesis/synthetic_batch.h"

namespace hypersynth {

/// One learned tensor of an augmentation.
struct AugmentationParameter {
  TensorSpec tensor;  // its start is `constant`, or uniform where fan_in > 0
  /// Values are kept inside after every step.
  double lower = -std::numeric_limits<double>::infinity();
  double upper = std::numeric_limits<double>::infinity();
  /// Of its Gaussian prior around the start, added to the outer loss with the trainer's prior
  /// weight.
  double prior_deviation = std::numeric_limits<double>::infinity();
  std::string meaning;  // with the unit
};

/// Random numbers of one application, by name, so that a step can be replayed.
using Draws = std::map<std::string, at::Tensor>;

/// A_theta: a random change of synthetic images whose parameters theta are learned by
/// hypergradient. Randomness is drawn apart from the parameters; `apply` is a deterministic
/// function of both.
class Augmentation {
 public:
  virtual ~Augmentation() = default;

  const std::vector<AugmentationParameter>& parameters() const { return parameters_; }
  /// The layout of theta as one flat vector.
  const TensorLayout& layout() const { return layout_; }

  virtual Draws draw(const SyntheticBatch& batch, at::Generator& generator) const = 0;
  /// The changed batch; differentiable once in `theta` (in the order of parameters()).
  virtual SyntheticBatch apply(const SyntheticBatch& batch, const std::vector<at::Tensor>& theta,
                               const Draws& draws) const = 0;

  /// The part of it that changes every image: itself, unless a share is left unchanged.
  virtual const Augmentation& always() const { return *this; }

  /// The start of theta as a flat vector, float32 on the CPU.
  at::Tensor initial_theta(at::Generator& generator) const;
  /// Flat vectors of bounds, and of the prior (infinite deviation: none).
  at::Tensor lower_bounds() const;
  at::Tensor upper_bounds() const;
  at::Tensor prior_deviations() const;

 protected:
  void add(AugmentationParameter parameter);

 private:
  std::vector<AugmentationParameter> parameters_;
  TensorLayout layout_;
};

struct AugmentationOptions {
  int dimensions = 3;
  /// Classes that the generative model paints (`intensity-prior`).
  std::int64_t intensity_classes = 0;
  /// Features of the `unet` augmentation.
  std::int64_t unet_features = 16;
  /// Share of the images that stay as they come in.
  double unchanged_share = 0;
  /// Knots along each axis of the displacement of `deformation`.
  std::int64_t deformation_knots = 5;
};

/// The augmentation called `name`:
///   none              x
///   noise             x + sigma xi
///   noise-range       sigma ~ U(sigma_min, sigma_max)
///   noise-bias        x prod_n B_n^sigmoid(w_n) + sigma xi, n = 2, 4, 8
///   noise-range-bias  both
///   unet              x + UNet([x, xi])
///   intensity-prior   mean, spread between images and deviation inside an image of each class
///   artefact-strength factors of the logarithms of bias field and exponent
///   gamma             x^exp(mean + spread z)
///   blur              Gaussian, standard deviation U(0, sigma) along each axis
///   deformation       displacement by amplitude times a smooth random field
/// or several joined by '+', applied in that order, with parameters named `<name>.<parameter>`.
/// Throws std::invalid_argument that names what is unknown or out of order.
std::unique_ptr<Augmentation> make_augmentation(const std::string& name,
                                                const AugmentationOptions& options);

}  // namespace hypersynth
