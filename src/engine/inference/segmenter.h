#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "engine/inference/inference_network.h"
#include "engine/inference/posteriors.h"
#include "image/resample.h"
#include "image/volume.h"

namespace hypersynth {

struct SegmenterOptions {
  bool fast = false;  ///< One pass: no left-right flip averaging, no smoothing of the posteriors.
  int threads = 0;    ///< CPU threads; 0 = all processors this process may use.
  PostprocessOptions postprocess;
};

/// How much of one structure an image holds.
struct LabelVolume {
  std::int32_t index = 0;
  std::string name;
  double soft_mm3 = 0;  ///< Sum of posteriors times voxel volume, on the model's grid.
  double hard_mm3 = 0;  ///< Voxels with this label times voxel volume, on the source's grid.
  /// Of the structure, over the voxels that carry its label, [0,1]; NaN where there are none.
  double mean_posterior = std::numeric_limits<double>::quiet_NaN();
};

/// Seconds that one step took.
struct StepTime {
  std::string step;
  double seconds = 0;
};

/// What Segmenter finds in one image.
struct Segmentation {
  LabelMap labels;                   ///< On the grid of the source.
  std::vector<LabelVolume> volumes;  ///< Every label but background, in the model's order.
  double intracranial_mm3 = 0;       ///< Sum of the soft volumes: brain and CSF.
  Image conformed;                   ///< The source, RAS, at the model's resolution.
  Posteriors posteriors;             ///< On the grid of `conformed`.
  std::vector<StepTime> timings;
};

/// Segments images with one model: Billot et al. 2023 (SynthSeg), inference.
class Segmenter {
 public:
  /// `network` runs the weights of `model`. Keeps references to both, which must outlive it.
  Segmenter(const ModelManifest& model, InferenceNetwork& network, const SegmenterOptions& options)
      : model_(model), network_(network), options_(options) {}

  /// Reorients to RAS, resamples to the model's resolution if off by more than 0.05 mm, scales the
  /// intensities, averages the posteriors of the image and its mirror image (unless `fast`), keeps
  /// the largest components, and labels the source's voxels from the resampled posteriors.
  /// Throws Error where the network fails.
  Segmentation segment(const Image& source) const;

 private:
  void run_network(const Image& conformed, bool flipped, float weight,
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
