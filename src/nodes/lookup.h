#pragma once

#include <cstdint>
#include <vector>

#include "bids/derivative.h"
#include "engine/model/model_file.h"
#include "report/mosaic.h"

namespace hypersynth {

/// The lookup table of a model's labels: names from the model; colours, abbreviations and the
/// mapping to the BIDS standard from the label table of the image library.
std::vector<bids::LookupRow> lookup_table(const Model& model);

/// The same colours for pictures.
std::vector<LabelColour> label_colours(const Model& model);

/// The colour of one label.
Rgb colour_of(std::int32_t index);

}  // namespace hypersynth
