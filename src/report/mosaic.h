#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "report/raster.h"
#include "report/voxel_view.h"

namespace hypersynth {

enum class Plane { kAxial, kCoronal, kSagittal };

/// Which side of an axial or coronal picture shows the person's left.
enum class Convention { kNeurological, kRadiological };

/// A row of a lookup table.
struct LabelColour {
  std::int32_t label = 0;
  Rgb colour;
};

struct MosaicOptions {
  Convention convention = Convention::kNeurological;
  int columns = 7;            ///< tiles in a row
  int rows = 2;               ///< at most; a thick-slice scan may fill fewer
  int width_px = 1820;        ///< of the whole picture
  int text_height_px = 15;    ///< of capitals
  double margin_mm = 10;      ///< shown around the labelled region, to judge leaks into the skull
  Rgb brain{255, 196, 0};     ///< outline of the brain mask
  Rgb unlisted{255, 0, 255};  ///< outline of labels that are not in the lookup table
};

/// Slices of a scan side by side, and outlines to lay over them: three pictures of one size.
struct Mosaic {
  Plane plane = Plane::kAxial;
  std::vector<double> slices_mm;  ///< world coordinates of the tiles, in reading order
  GrayImage anatomy;              ///< with slice coordinates, side marks and the convention
  IndexedImage structures;        ///< a line inside the border of every structure
  IndexedImage brain;             ///< a line around the brain mask
};

/// Axial, coronal and sagittal mosaics of one scan. The tiles span the labelled region (the whole
/// grid where nothing is labelled) evenly, with true proportions whatever the voxel shape; the
/// grey window is robust to outliers. Throws what ras_axes throws.
std::array<Mosaic, 3> draw_mosaics(const VoxelView& view, std::span<const LabelColour> colours,
                                   const MosaicOptions& options = {});

/// "axial", "coronal", "sagittal".
std::string to_string(Plane plane);

}  // namespace hypersynth
