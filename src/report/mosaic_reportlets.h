#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "report/mosaic.h"
#include "report/reportlet.h"

namespace hypersynth {

/// Receives the file name and the bytes of a picture.
using PictureSink = std::function<void(const std::string& name, std::string_view png)>;

/// The name of a picture of a mosaic: `<stem>_desc-<plane><layer>_<suffix>.png`.
std::string mosaic_name(const std::string& stem, Plane plane, const std::string& layer,
                        const std::string& suffix);

/// Draws the mosaics of one scan and gives them to `sink`, four pictures for each plane, called
/// `<stem>_desc-<plane>{Anatomy,Structures,Filled,Brain}_<suffix>.png`. Throws what draw_mosaics()
/// and `sink` throw.
void draw_pictures(const std::string& stem, const std::string& suffix, const VoxelView& view,
                   std::span<const LabelColour> colours, const PictureSink& sink,
                   const MosaicOptions& options = {});

/// Draws the picture of the background, `<stem>_desc-axialBackground_<suffix>.png`, and the
/// outlines of air and artefacts, `..._desc-axialAir_...`. `view` as draw_background() takes it.
void draw_background_picture(const std::string& stem, const std::string& suffix,
                             const VoxelView& view, const PictureSink& sink,
                             const MosaicOptions& options = {});

/// Draws the picture of the bias field, `<stem>_desc-axialBias_<suffix>.png`, which lies over the
/// axial slices. `percent` as draw_bias() takes it.
void draw_bias_picture(const std::string& stem, const std::string& suffix, const VoxelView& view,
                       std::span<const std::uint8_t> percent, const PictureSink& sink,
                       const MosaicOptions& options = {});

/// The name of the chart of intensities, `<stem>_desc-intensities_<suffix>.svg`.
std::string histogram_name(const std::string& stem, const std::string& suffix);

/// The reportlets that show all these pictures and the chart of intensities. `figures` is their
/// folder, relative to the page. Only the names of the files are needed, so that a page can be
/// written again without the voxels.
std::vector<Reportlet> mosaic_reportlets(const std::string& figures, const std::string& stem,
                                         const std::string& suffix);

}  // namespace hypersynth
