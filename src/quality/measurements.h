#pragma once

#include <string>
#include <vector>

#include "quality/measure.h"

namespace hypersynth {

/// Appends a measure. A value that isn't finite becomes NaN, with the note or a general reason.
void add_measure(std::vector<MeasureValue>& measures, std::string name, double value,
                 std::string note = {});

/// Three significant digits: "0.0123", "1.5", "1.23e+04".
std::string short_number(double value);

}  // namespace hypersynth
