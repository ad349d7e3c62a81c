#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "report/mosaic.h"
#include "report/reportlet.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// Takes the name and the bytes of a picture.
using PictureSink = std::function<void(const std::string& name, std::string_view png)>;

/// Draws the mosaics of one scan and gives them to `sink` as `<stem>_desc-<plane>{Anatomy,
/// Structures,Brain}_<suffix>.png`. Throws what draw_mosaics and `sink` throw.
void draw_pictures(const std::string& stem, const std::string& suffix, const VoxelView& view,
                   std::span<const LabelColour> colours, const PictureSink& sink,
                   const MosaicOptions& options = {});

/// Writes these pictures into the folder `figures`.
void write_mosaics(const fs::path& figures, const std::string& stem, const std::string& suffix,
                   const VoxelView& view, std::span<const LabelColour> colours,
                   const MosaicOptions& options = {});

/// The reportlets that show those files; `figures` is their folder relative to the page. Needs no
/// voxels, so a page can be written again from what is on disk.
std::vector<Reportlet> mosaic_reportlets(const std::string& figures, const std::string& stem,
                                         const std::string& suffix);

}  // namespace hypersynth
