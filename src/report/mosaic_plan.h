#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "report/mosaic.h"

namespace hypersynth {

/// Labelled voxels of each slice, along right, anterior and superior.
using SliceCounts = std::array<std::vector<std::int64_t>, 3>;

/// First and last index, both inside.
struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

/// Grey levels: `black` and below is 0, `white` and above is 255.
struct GreyWindow {
  float black = 0;
  float white = 1;
};

/// What is drawn where: one plane of a mosaic, before any voxel is looked at again.
struct MosaicPlan {
  int normal = 2;         ///< axis (0 right, 1 anterior, 2 superior) across the slices
  int horizontal = 0;     ///< axis along the rows of a tile
  int vertical = 1;       ///< axis along its columns, upwards
  bool mirrored = false;  ///< right of the picture is the lower index
  std::vector<std::int64_t> slices;
  Range horizontal_range;               ///< indices shown along `horizontal`
  Range vertical_range;                 ///< indices shown along `vertical`
  int tile_width = 0, tile_height = 0;  ///< px
  int columns = 0, rows = 0;            ///< tiles
  int footer_height = 0;                ///< px

  int width() const { return columns * tile_width; }
  int height() const { return rows * tile_height + footer_height; }
};

SliceCounts count_labelled(const VoxelView& view, const RasAxes& axes);

/// From the first to the last slice that holds `at_least` labelled voxels; all where none does.
Range slices_with(const std::vector<std::int64_t>& counts, std::int64_t at_least);

/// At most `wanted` slices, evenly from the first to the last that holds at least 5 % of what the
/// fullest holds, so that no tile is wasted on a tip.
std::vector<std::int64_t> choose_slices(const std::vector<std::int64_t>& counts, int wanted);

/// Percentile 0.5 of the whole scan to percentile 99.5 of its labelled voxels (of all where nothing
/// is labelled) and a tenth more, from about 200,000 samples; NaN and infinity are ignored.
GreyWindow grey_window(const VoxelView& view);

MosaicPlan plan_mosaic(Plane plane, const RasAxes& axes, const SliceCounts& counts,
                       const MosaicOptions& options);

}  // namespace hypersynth
