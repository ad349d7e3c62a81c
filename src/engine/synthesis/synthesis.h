#pragma once

#include <cstdint>

#include "engine/data/label_table.h"
#include "engine/data/packed_data.h"
#include "engine/synthesis/synthesis_options.h"
#include "image/volume.h"

namespace hypersynth {

/// A synthetic image and the structures to segment in it, on a grid of their own in RAS
/// orientation, centred on the world's origin; a 2-D image is an axial slice.
struct SyntheticPair {
  Image image;         // 0 to about 1.2
  LabelMap reference;  // label values of the table
};

/// Image number `number` of the series `seed` from a packed label map (see pack_label_map), on the
/// CPU. Throws std::invalid_argument for options out of range.
SyntheticPair synthesise(const PackedVolume& map, const LabelTable& table,
                         const SynthesisOptions& options, std::uint64_t seed, int number);

}  // namespace hypersynth
