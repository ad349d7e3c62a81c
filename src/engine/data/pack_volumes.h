#pragma once

#include <string>
#include <vector>

#include "engine/data/packed_data.h"
#include "image/volume.h"

namespace hypersynth {

/// A volume with the memory of its arrays.
struct OwnedVolume {
  PackedVolume volume;
  std::vector<std::uint8_t> labels;
  std::vector<float> image;

  /// `volume` with its pointers set.
  PackedVolume view() const;
};

/// A label map in RAS orientation with voxels of `spacing_mm` (those of other sizes, by more than
/// 5 %, take the label that lies nearest), cut to its structures with a margin of two voxels.
/// Throws InputError for values missing from the table (all of them named) or a map without any
/// segmented structure.
OwnedVolume pack_label_map(const LabelMap& map, const LabelTable& table, double spacing_mm,
                           const std::string& path);

/// A real image scaled by percentiles (see InputRecipe) and its reference as classes, in RAS
/// orientation with voxels of `spacing_mm`. Values that the table does not have are ignored by the
/// losses and listed in `unknown`; the structures `undrawn` become background. Throws InputError
/// where the two grids differ, the image is constant or not finite, or the reference has no
/// segmented structure of the table.
OwnedVolume pack_real_image(const Image& image, const LabelMap& reference, const LabelTable& table,
                            double spacing_mm, const std::string& path,
                            std::vector<std::int32_t>& unknown,
                            const std::vector<std::int32_t>& undrawn = {});

}  // namespace hypersynth
