#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "image/volume.h"

namespace hypersynth {

/// A box of voxels, first index included and last excluded, in the order i, j, k.
struct VoxelBox {
  std::array<std::int64_t, 3> begin{0, 0, 0};
  std::array<std::int64_t, 3> end{0, 0, 0};

  std::int64_t extent(int axis) const { return end[axis] - begin[axis]; }
  std::int64_t voxel_count() const { return extent(0) * extent(1) * extent(2); }
  bool empty() const { return extent(0) <= 0 || extent(1) <= 0 || extent(2) <= 0; }
};

/// Posteriors of every class on one grid, as 16-bit fractions of 1 (exact to 8e-6): half the memory
/// of float32, and unlike float16 equally exact near 1.
class Posteriors {
 public:
  Posteriors() = default;
  Posteriors(const Grid& grid, int classes);

  const Grid& grid() const { return grid_; }
  int classes() const { return classes_; }

  /// Adds weight * values[c * class_stride + i] to all voxels i of one row, for every class c.
  /// Different rows may be added by different threads.
  void add_row(std::int64_t j, std::int64_t k, const float* values, std::int64_t class_stride,
               float weight);

  /// One class, as stored: [nk][nj][ni], 65535 = 1.
  std::uint16_t* plane(int channel) { return values_.get() + channel * grid_.voxel_count(); }
  const std::uint16_t* plane(int channel) const {
    return values_.get() + channel * grid_.voxel_count();
  }

  /// One class as values in [0,1].
  void copy_to(int channel, std::vector<float>& values) const;

 private:
  Grid grid_;
  int classes_ = 0;
  struct Free {
    void operator()(std::uint16_t* pointer) const { std::free(pointer); }
  };
  /// From calloc: rows of a class that is nowhere near stay zero pages and take no memory.
  std::unique_ptr<std::uint16_t, Free> values_;
};

/// Position of a class in the output of the network; models have at most kMostLabels.
using Channel = std::uint16_t;

/// Weights of the centre and of the first and second neighbours of the Gaussian that smooths
/// posteriors; the five sum to 1.
std::array<float, 3> smoothing_kernel(double sigma_voxels);

/// Voxels beyond the foreground that smoothing and resampling look at.
constexpr std::int64_t kForegroundMargin = 4;

/// The background's posterior below which a voxel may belong to the foreground once posteriors are
/// smoothed, which spreads it.
inline double widened_background(double foreground_threshold) {
  return 1 - 0.4 * foreground_threshold;
}

/// How raw posteriors become a segmentation (Billot et al. 2023, section 3.3; the thresholds are
/// those of the published SynthSeg).
struct PostprocessOptions {
  double smoothing_sigma_voxels = 0.5;  ///< Gaussian over every class; 0 = none.
  double foreground_threshold = 0.25;   ///< of 1 - background, for the largest component.
  double structure_threshold = 0.25;    ///< of each class, for its largest component.
};

/// Smooths, keeps the largest foreground component, removes of every structure the pieces apart
/// from its largest (but not of those in `scattered`), and renormalises to a sum of 1 in place.
/// Posteriors below the structure threshold stay, as soft volumes count partial voxels. Outside the
/// box returned every voxel is background. `background` is its channel.
VoxelBox postprocess(Posteriors& posteriors, int background, const std::vector<int>& scattered,
                     const PostprocessOptions& options);

/// Most probable channel of every voxel, background outside `box`: [nk][nj][ni].
std::vector<Channel> most_probable(const Posteriors& posteriors, int background,
                                   const VoxelBox& box);

/// Sum over all voxels of every class's posterior times the volume of a voxel, in mm3.
std::vector<double> soft_volumes_mm3(const Posteriors& posteriors, const VoxelBox& box);

/// Mean of every class's posterior over the voxels of `box` whose channel it is, [0,1]; NaN where
/// there are none. `channels` is that of most_probable().
std::vector<double> mean_posteriors(const Posteriors& posteriors,
                                    const std::vector<Channel>& channels, const VoxelBox& box);

}  // namespace hypersynth
