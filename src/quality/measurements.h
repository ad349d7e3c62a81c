#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "quality/measure.h"

namespace hypersynth {

/// Appends a measure. A value that isn't finite becomes NaN; a note without a number says why.
inline void add_measure(std::vector<MeasureValue>& measures, std::string name, double value,
                        std::string note = {}) {
  if (!std::isfinite(value)) {
    value = std::numeric_limits<double>::quiet_NaN();
    if (note.empty()) note = "the image doesn't vary enough";
  }
  measures.push_back({std::move(name), value, std::move(note)});
}

}  // namespace hypersynth
