#pragma once

#include <cstdint>

#include "engine/data/label_table.h"

// The small head of the engine's tests, without libtorch.

namespace hypersynth {

/// Background, a left and a right half, a ventricle on the midline, and extracerebral tissue.
inline LabelTable small_table() {
  return parse_label_table(
      "index\tname\tcontralateral\tintensity_class\tsegmentation_index\n"
      "0\tbackground\t0\t0\t0\n"
      "2\tleft white matter\t41\t1\t2\n"
      "41\tright white matter\t2\t2\t41\n"
      "14\tventricle\t14\t3\t14\n"
      "500\textracerebral tissue\t500\t4\t0\n",
      "labels.tsv");
}

constexpr std::int64_t kSmallSide = 24;

/// A row of small_table() from x0 to x1 and from `low` to `high` along the other axes.
struct SmallBox {
  std::int64_t x0, x1, low, high;
  int row;
};

/// Each over those before: a shell of extracerebral tissue, two halves, a box in the middle.
constexpr SmallBox kSmallBoxes[] = {
    {3, 21, 3, 21, 4}, {5, 12, 5, 19, 1}, {12, 19, 5, 19, 2}, {10, 14, 9, 15, 3}};

}  // namespace hypersynth
