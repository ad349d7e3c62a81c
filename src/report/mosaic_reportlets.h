#pragma once

#include <string>
#include <vector>

#include <boost/filesystem/path.hpp>

#include "report/mosaic.h"
#include "report/reportlet.h"

namespace hypersynth {

namespace fs = boost::filesystem;

/// Draws the mosaics of one scan and writes them as `<figures>/<stem>_desc-<plane>{Anatomy,
/// Structures,Brain}_<suffix>.png`. Throws what draw_mosaics and write_atomically throw.
void write_mosaics(const fs::path& figures, const std::string& stem, const std::string& suffix,
                   const VoxelView& view, std::span<const LabelColour> colours,
                   const MosaicOptions& options = {});

/// The reportlets that show those files; `figures` is their folder relative to the page. Needs no
/// voxels, so a page can be written again from what is on disk.
std::vector<Reportlet> mosaic_reportlets(const std::string& figures, const std::string& stem,
                                         const std::string& suffix);

}  // namespace hypersynth
