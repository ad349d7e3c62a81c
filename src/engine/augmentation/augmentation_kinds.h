#pragma once

#include "engine/augmentation/augmentation.h"
#include "engine/networks/resize_unet.h"

namespace hypersynth {

/// x + sigma xi; with `range` x + (sigma_min + u (sigma_max - sigma_min)) xi; with `bias` x times
/// its bias fields first. The sign of sigma has no meaning, so it may pass through zero.
class NoiseAugmentation : public Augmentation {
 public:
  NoiseAugmentation(bool range, bool bias);
  Draws draw(const SyntheticBatch& batch, at::Generator& generator) const override;
  SyntheticBatch apply(const SyntheticBatch& batch, const std::vector<at::Tensor>& theta,
                       const Draws& draws) const override;

 private:
  bool range_;
  bool bias_;
};

/// x + UNet([x, xi]), one level.
class UnetAugmentation : public Augmentation {
 public:
  UnetAugmentation(int dimensions, std::int64_t features);
  Draws draw(const SyntheticBatch& batch, at::Generator& generator) const override;
  SyntheticBatch apply(const SyntheticBatch& batch, const std::vector<at::Tensor>& theta,
                       const Draws& draws) const override;

 private:
  ResizeUnet net_;
};

/// Repaints the intensity classes: value = 250 (mean_c + spread_c z_c + deviation_c eta), z per
/// image and class, eta per voxel, then the artefacts of the batch again.
class IntensityPriorAugmentation : public Augmentation {
 public:
  explicit IntensityPriorAugmentation(std::int64_t classes);
  Draws draw(const SyntheticBatch& batch, at::Generator& generator) const override;
  SyntheticBatch apply(const SyntheticBatch& batch, const std::vector<at::Tensor>& theta,
                       const Draws& draws) const override;
};

/// The artefacts of the batch once more, with bias fields and exponents stronger or weaker: the log
/// bias and the log of the exponent times a factor each.
class ArtefactStrengthAugmentation : public Augmentation {
 public:
  ArtefactStrengthAugmentation();
  Draws draw(const SyntheticBatch& batch, at::Generator& generator) const override;
  SyntheticBatch apply(const SyntheticBatch& batch, const std::vector<at::Tensor>& theta,
                       const Draws& draws) const override;
};

class GammaAugmentation : public Augmentation {
 public:
  GammaAugmentation();
  Draws draw(const SyntheticBatch& batch, at::Generator& generator) const override;
  SyntheticBatch apply(const SyntheticBatch& batch, const std::vector<at::Tensor>& theta,
                       const Draws& draws) const override;
};

class BlurAugmentation : public Augmentation {
 public:
  explicit BlurAugmentation(int dimensions);
  Draws draw(const SyntheticBatch& batch, at::Generator& generator) const override;
  SyntheticBatch apply(const SyntheticBatch& batch, const std::vector<at::Tensor>& theta,
                       const Draws& draws) const override;
};

/// Moves image and reference together; the reference becomes class probabilities, so that the loss
/// has a derivative by the amplitude.
class DeformationAugmentation : public Augmentation {
 public:
  DeformationAugmentation(int dimensions, std::int64_t knots);
  Draws draw(const SyntheticBatch& batch, at::Generator& generator) const override;
  SyntheticBatch apply(const SyntheticBatch& batch, const std::vector<at::Tensor>& theta,
                       const Draws& draws) const override;

 private:
  int dimensions_;
  std::int64_t knots_;
};

}  // namespace hypersynth
