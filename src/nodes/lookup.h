#pragma once

#include <cstdint>
#include <vector>

#include "bids/derivative.h"
#include "engine/model/model_file.h"
#include "report/mosaic.h"

namespace hypersynth {

/// The rows of the BIDS lookup table of a model. The names are those of the model; colours,
/// abbreviations and the mapping to the BIDS standard come from describe_label() in
/// image/lookup_table.h.
std::vector<bids::LookupRow> lookup_table(const Model& model);

/// The colour of the label `index` in the outlines of pictures and in their legend. The lookup
/// table has others, those of FreeSurfer, which vanish on a grey scan.
Rgb line_colour_of(std::int32_t index);

}  // namespace hypersynth
