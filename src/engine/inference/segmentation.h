#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "engine/inference/posteriors.h"
#include "engine/model/manifest.h"
#include "image/volume.h"

namespace hypersynth {

struct SegmenterOptions {
  bool fast = false;  ///< One pass: no left-right flip averaging, no smoothing of the posteriors.
  int threads = 0;    ///< CPU threads; 0 = all processors this process may use.
  /// Whether Segmentation::posteriors and ::conformed are wanted: from a GPU they take longer to
  /// fetch than the network runs. A segmentation on the CPU has the posteriors in any case.
  bool with_posteriors = false;
  bool with_conformed = false;
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

/// What is found in one image.
struct Segmentation {
  LabelMap labels;                   ///< On the grid of the source.
  std::vector<LabelVolume> volumes;  ///< Every label but background, in the model's order.
  double intracranial_mm3 = 0;       ///< Sum of the soft volumes: brain and CSF.
  Image conformed;        ///< The source, RAS, at the model's resolution; empty unless wanted.
  Posteriors posteriors;  ///< On the grid of the source, RAS, at the model's resolution.
  std::vector<StepTime> timings;
  int pieces = 1;  ///< that overlap, into which the network's image was cut to fit into memory
  /// Posteriors left the range of the device's 16-bit floats: the network ran again in float32.
  bool again_in_float32 = false;
};

// What segmenters on the CPU and on other devices do alike.

/// The grid to which an image, already RAS, is resampled for the model; nothing where its own
/// spacing is within 0.05 mm of the model's.
std::optional<Grid> resampled_grid(const Grid& ras, const InputRecipe& recipe);

/// Where an image, or its mirror image, lies in the padded volume that the network takes: in the
/// middle for a network of volumes. Slices are padded at their ends, as in training.
struct Padding {
  std::array<std::int64_t, 3> before{};  ///< i, j, k
  std::array<std::int64_t, 3> shape{};   ///< padded, i, j, k

  Padding(const std::array<std::int64_t, 3>& image_shape, const Architecture& architecture,
          bool flipped);
};

/// Where the q-th percentile of `count` sorted values lies: at `below` plus `fraction` of the way
/// to the next.
struct PercentilePlace {
  std::int64_t below = 0;
  double fraction = 0;

  PercentilePlace(double q, std::int64_t count);
};

/// Channels that may consist of several pieces.
std::vector<int> scattered_channels(const ModelManifest& model);

/// Numbers of every channel: voxels on the source's grid, their mean posterior, and the soft
/// volume.
struct ChannelSums {
  std::vector<std::int64_t> voxels;
  std::vector<double> mean_posteriors;
  std::vector<double> soft_mm3;
};

/// Sets volumes, the intracranial volume and the labels of `result`. `channels`: of every voxel of
/// `ras`, the grid of the source in RAS order.
void finish_segmentation(const ModelManifest& model, const ChannelSums& sums,
                         const std::vector<Channel>& channels, const Grid& ras, const Grid& source,
                         int threads, Segmentation& result);

}  // namespace hypersynth
