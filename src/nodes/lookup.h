#pragma once

#include <vector>

#include "bids/derivative.h"
#include "engine/model_file.h"
#include "report/mosaic.h"

namespace hypersynth {

/// The lookup table of a model's labels: names from the model, colours and abbreviations from the
/// label table of the image library where it knows the label, else derived from the index.
std::vector<bids::LookupRow> lookup_table(const Model& model);

/// Its colours for pictures.
std::vector<LabelColour> label_colours(const std::vector<bids::LookupRow>& lookup);

}  // namespace hypersynth
