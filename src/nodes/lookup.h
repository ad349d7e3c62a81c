#pragma once

#include <cstdint>
#include <vector>

#include "bids/derivative.h"
#include "engine/inference/segmentation.h"
#include "engine/model/model_file.h"
#include "report/mosaic.h"

namespace hypersynth {

/// The rows of the BIDS lookup table of a model. The names are those of the model; colours,
/// abbreviations and the mapping to the BIDS standard come from describe_label() in
/// image/lookup_table.h.
std::vector<bids::LookupRow> lookup_table(const Model& model);

/// The colour of each of these structures in the outlines of pictures and in their legend, from
/// line_palette(): the lookup table has others, those of FreeSurfer, which vanish on a grey scan.
/// The right side has another tone than the left. A model of few structures has a colour for each;
/// where they are too many, FreeSurfer's structures have colours by which neighbours differ, and
/// others take turns.
std::vector<Rgb> line_colours(const std::vector<LabelVolume>& structures);

}  // namespace hypersynth
