#include "quality/measurements.h"

#include <cmath>
#include <limits>
#include <utility>

namespace hypersynth {

void add_measure(std::vector<MeasureValue>& measures, std::string name, double value,
                 std::string note) {
  if (!std::isfinite(value)) {
    value = std::numeric_limits<double>::quiet_NaN();
    if (note.empty()) note = "the image doesn't vary enough";
  }
  measures.push_back({std::move(name), value, std::move(note)});
}

}  // namespace hypersynth
