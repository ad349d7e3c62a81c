#pragma once

#include <span>
#include <string>

#include "report/mosaic.h"
#include "report/raster.h"
#include "report/voxel_view.h"

namespace hypersynth {

/// The middle axial, coronal and sagittal slice of a scan side by side, with the outlines of the
/// structures and of the brain: a picture for the wall of many images on the group page. It has few
/// grey levels, so that its file is small. Throws what ras_axes() throws.
IndexedImage draw_thumbnail(const VoxelView& view, std::span<const LabelColour> colours);

/// The name of its file: <stem>_desc-thumbnail_<suffix>.png.
std::string thumbnail_name(const std::string& stem, const std::string& suffix);

}  // namespace hypersynth
