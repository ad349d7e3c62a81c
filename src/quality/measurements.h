#pragma once

#include <string>
#include <vector>

#include "quality/measure.h"

namespace hypersynth {

/// Appends a measure. A value that isn't finite becomes NaN, with the note or a general reason.
void add_measure(std::vector<MeasureValue>& measures, std::string name, double value,
                 std::string note = {});

}  // namespace hypersynth
