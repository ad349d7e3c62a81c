#pragma once

#include <vector>

#include "engine/inference/inference_network.h"
#include "engine/inference/segmentation.h"
#include "image/resample.h"
#include "image/volume.h"

namespace hypersynth {

/// Segments images with one model: Billot et al. 2023 (SynthSeg), inference.
class Segmenter {
 public:
  /// `network` runs the weights of `model`. Keeps references to both, which must outlive it.
  Segmenter(const ModelManifest& model, InferenceNetwork& network, const SegmenterOptions& options)
      : model_(model), network_(network), options_(options) {}

  /// Reorients to RAS, resamples to the model's resolution if off by more than 0.05 mm, scales the
  /// intensities, averages the posteriors of the image and its mirror image (unless `fast`), keeps
  /// the largest components, and labels the source's voxels from the resampled posteriors.
  /// A network that segments on its own device does all of this there. Throws Error where the
  /// network fails.
  Segmentation segment(const Image& source) const;

 private:
  /// What the network takes of an image, or of its mirror image.
  std::vector<float> pad(const Image& scaled, bool flipped) const;
  void run_network(const std::vector<float>& padded, bool flipped, float weight,
                   Posteriors& posteriors) const;

  const ModelManifest& model_;
  InferenceNetwork& network_;
  SegmenterOptions options_;
};

/// The image as the network sees it: RAS, at the model's resolution, intensities unchanged.
Image conform(const Image& source, const InputRecipe& recipe, int threads);

/// Scales an image in place: percentiles of the recipe to 0 and 1, then clamped.
void normalise_intensities(Image& image, const InputRecipe& recipe);

/// The posterior of one class where `resampler` leads from the posteriors' grid, values in [0,1].
void resample_posterior(const Posteriors& posteriors, int channel, const Resampler& resampler,
                        std::vector<float>& values);

}  // namespace hypersynth
