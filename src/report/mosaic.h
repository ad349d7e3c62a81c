#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "report/raster.h"
#include "report/voxel_view.h"

namespace hypersynth {

/// The plane of the slices in a mosaic.
enum class Plane { kAxial, kCoronal, kSagittal };

/// Which side of an axial or coronal picture shows the person's left: the left side (neurological)
/// or the right side (radiological).
enum class Convention { kNeurological, kRadiological };

/// The colour of a label: what a picture needs of a row of the lookup table.
struct LabelColour {
  std::int32_t label = 0;
  Rgb colour;
};

/// How mosaics look.
struct MosaicOptions {
  Convention convention = Convention::kNeurological;
  int columns = 7;          ///< tiles in a row
  int rows = 2;             ///< rows at most; a scan of few thick slices fills fewer
  int width_px = 1820;      ///< width of a full row of tiles
  int text_height_px = 15;  ///< height of capital letters
  /// What is shown around the labelled region, so that one can see whether labels leak into the
  /// skull.
  double margin_mm = 10;
  Rgb brain{255, 196, 0};     ///< outline of the brain mask
  Rgb unlisted{255, 0, 255};  ///< outline of labels without a colour in the lookup table
};

/// Slices of a scan side by side, and the outlines to lay over them: three pictures of the same
/// size.
struct Mosaic {
  Plane plane = Plane::kAxial;
  std::vector<double> slices_mm;  ///< world coordinate of each tile, in reading order
  /// Of a sagittal mosaic the side of each tile, "left", "right" or, in the middle, "".
  std::vector<std::string> sides;
  GrayImage anatomy;        ///< the scan, with slice coordinates, side marks and the convention
  IndexedImage structures;  ///< lines just inside the borders of the structures
  IndexedImage brain;       ///< a line just inside the border of the brain mask
};

/// Draws the axial, coronal and sagittal mosaics of one scan. The tiles are spread evenly over the
/// labelled region, or over the whole grid if nothing is labelled. Proportions are true whatever
/// the shape of the voxels, and outliers do not affect the grey window. Throws what ras_axes()
/// throws.
std::array<Mosaic, 3> draw_mosaics(const VoxelView& view, std::span<const LabelColour> colours,
                                   const MosaicOptions& options = {});

/// Colours of the picture of the background.
struct BackgroundOptions {
  Rgb air{0, 114, 178};      ///< outline of the air that was measured (blue)
  Rgb artefact{213, 94, 0};  ///< what is too bright for noise (vermilion)
};

/// Draws axial slices of the whole field of view with the grey levels turned round and stretched to
/// the noise, so that ghosts and spikes in the air show; what is brighter is black. `view.labels`
/// says of each voxel what it is, 1 air and 2 an artefact in it, and may be empty. Their outlines
/// are `structures`. Throws what ras_axes() throws.
Mosaic draw_background(const VoxelView& view, const MosaicOptions& options = {},
                       const BackgroundOptions& colours = {});

/// "axial", "coronal" or "sagittal".
std::string to_string(Plane plane);

}  // namespace hypersynth
