#include "quality/measurements.h"

#include <cmath>
#include <cstdio>
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

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3g", value);
  return text;
}

}  // namespace hypersynth
