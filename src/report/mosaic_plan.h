#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "report/mosaic.h"

namespace hypersynth {

/// How many labelled voxels each slice has, for the slices along right, anterior and superior.
using SliceCounts = std::array<std::vector<std::int64_t>, 3>;

/// Indices from `first` to `last`, both included.
struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

/// The intensities between which grey levels rise: `black` and below are drawn as 0, `white` and
/// above as 255.
struct GreyWindow {
  float black = 0;
  float white = 1;
};

/// The grey level of an intensity; 0 of a NaN.
std::uint8_t grey_level(float intensity, const GreyWindow& window);

/// What is drawn where in the mosaic of one plane. It is made before any voxel is drawn.
struct MosaicPlan {
  int normal = 2;                       ///< axis across the slices: 0 right, 1 anterior, 2 superior
  int horizontal = 0;                   ///< axis along the rows of a tile
  int vertical = 1;                     ///< axis along the columns of a tile, upwards
  bool mirrored = false;                ///< the lower index is on the right of the picture
  std::vector<std::int64_t> slices;     ///< index along `normal` of each tile
  double middle = 0;                    ///< of the labelled slices, along `normal`
  Range horizontal_range;               ///< indices shown along `horizontal`
  Range vertical_range;                 ///< indices shown along `vertical`
  int tile_width = 0, tile_height = 0;  ///< px
  int columns = 0, rows = 0;            ///< in tiles
  int footer_height = 0;                ///< px; the line below the tiles that names the convention

  int width() const { return columns * tile_width; }
  int height() const { return rows * tile_height + footer_height; }
};

/// Counts the labelled voxels of every slice.
SliceCounts count_labelled(const VoxelView& view, const RasAxes& axes);

/// The range from the first to the last slice with `at_least` labelled voxels or more; all slices
/// if there is none.
Range slices_with(const std::vector<std::int64_t>& counts, std::int64_t at_least);

/// Chooses at most `wanted` slices, spread evenly from the first to the last slice that has at
/// least 5 % as many labelled voxels as the fullest one. Slices with fewer would spend a tile on
/// the tip of the brain.
std::vector<std::int64_t> choose_slices(const std::vector<std::int64_t>& counts, int wanted);

/// The grey window of a scan. It begins at percentile 0.5 of all voxels. It ends above percentile
/// 99.5 of the labelled voxels (of all voxels if none is labelled), by a tenth of the distance
/// between the two. The percentiles are taken from about 200,000 voxels, which is enough and fast;
/// NaN and infinity are ignored.
GreyWindow grey_window(const VoxelView& view);

/// The grey window in which noise is seen, from white to black: it begins at 0 and ends above what
/// all but the brightest labelled voxels have (where none is labelled, a small part of what the
/// image has).
GreyWindow noise_window(const VoxelView& view);

/// Plans the mosaic of one plane; `counts` as count_labelled() gives them.
MosaicPlan plan_mosaic(Plane plane, const RasAxes& axes, const SliceCounts& counts,
                       const MosaicOptions& options);

}  // namespace hypersynth
