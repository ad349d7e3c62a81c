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
  int columns = 7;      ///< tiles in a row
  int rows = 2;         ///< rows at most; a scan of few thick slices fills fewer
  int width_px = 1820;  ///< width of a full row of tiles
  /// A scan with finer voxels has wider rows, up to this, so that a large slice shows every voxel;
  /// 0: it has not.
  int most_width_px = 2940;
  /// Of 256 grey levels, those that look the same; 3 makes a file a third smaller.
  int levels_per_step = 3;
  int text_height_px = 15;  ///< height of capital letters
  /// What is shown around the labelled region, so that one can see whether labels leak into the
  /// skull.
  double margin_mm = 10;
  Rgb brain{255, 196, 0};     ///< outline of the brain mask
  Rgb unlisted{255, 0, 255};  ///< outline of labels without a colour in the lookup table
};

/// Where the tiles of a mosaic are, in its picture and in the world.
struct MosaicGeometry {
  int columns = 1;                        ///< tiles in a row
  int tile_width = 1, tile_height = 1;    ///< px, from the corner of a tile to that of the next
  int slice_width = 1, slice_height = 1;  ///< px, of the slice in the upper left of its tile
  std::vector<std::array<double, 3>> corners_mm;  ///< world place of each slice's upper left corner
  std::array<double, 3> across_mm{};              ///< from the left to the right edge of a slice
  std::array<double, 3> down_mm{};                ///< from its upper to its lower edge
  std::vector<std::string> names;  ///< what is written on each tile, as in "z = -12 mm"
};

/// The geometry as JSON, which is kept in the picture of the anatomy, so that pages which are
/// written again know it, too.
std::string to_json(const MosaicGeometry& geometry);

/// Slices of a scan side by side, and what to lay over them: pictures of the same size.
struct Mosaic {
  Plane plane = Plane::kAxial;
  MosaicGeometry geometry;
  std::vector<double> slices_mm;  ///< world coordinate of each tile, in reading order
  /// Of a sagittal mosaic the side of each tile, "left", "right" or, in the middle, "".
  std::vector<std::string> sides;
  GrayImage anatomy;        ///< the scan, with slice coordinates, side marks and the convention
  IndexedImage structures;  ///< lines just inside the borders of the structures
  IndexedImage filled;      ///< the structures as areas that the scan shines through
  IndexedImage brain;       ///< a line just inside the border of the brain mask
};

/// Draws the axial, coronal and sagittal mosaics of one scan. The tiles are spread evenly over the
/// labelled region, or over the whole grid if nothing is labelled. Proportions are true whatever
/// the shape of the voxels, and outliers do not affect the grey window. Throws what ras_axes()
/// throws.
std::array<Mosaic, 3> draw_mosaics(const VoxelView& view, std::span<const LabelColour> colours,
                                   const MosaicOptions& options = {});

/// The same of several scans of one head on one grid, in the order of `views`: the tiles are slices
/// of the region that is labelled in any of them, the same ones of each, and each scan has a grey
/// window of its own. Throws what ras_axes() throws, and std::invalid_argument if the grids differ.
std::vector<std::array<Mosaic, 3>> draw_matched_mosaics(std::span<const VoxelView> views,
                                                        std::span<const LabelColour> colours,
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

/// The colours of a map of the bias field: blue where it darkens, orange where it brightens, more
/// opaque with each step of 2.5 % to 20 % and more.
struct BiasScale {
  static constexpr int kSteps = 8;  ///< of each side
  static constexpr double kStepPercent = 2.5;
  /// The colour of the steps from -kSteps to kSteps.
  static Rgb colour(int step);
};

/// Draws the bias field over the slices of the axial mosaic of `view`, within its labels: a picture
/// to lay over that mosaic's anatomy. `percent` is the field, 100 where there is no bias, of each
/// voxel. Throws std::invalid_argument where its size is another.
IndexedImage draw_bias(const VoxelView& view, std::span<const std::uint8_t> percent,
                       const MosaicOptions& options = {});

/// "axial", "coronal" or "sagittal".
std::string to_string(Plane plane);

}  // namespace hypersynth
