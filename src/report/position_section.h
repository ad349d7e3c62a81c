#pragma once

#include <string>
#include <vector>

#include "report/html.h"

namespace hypersynth {

/// Where one value of an image stands among those of other people. NaN: not known.
struct ValuePosition {
  std::string title;  ///< "Left-Hippocampus", "Signal-to-noise ratio"
  std::string unit;
  double value = 0;
  /// Share of the group that is below, in percent; equal values count half.
  double percentile = 0;
  double z = 0;  ///< robust z-score
};

/// Where an image stands in the group of its suffix.
struct GroupPosition {
  /// Sentences: who the group is, what was adjusted for and how, or why there is no position.
  std::vector<std::string> method;
  std::vector<ValuePosition> volumes;
  std::vector<ValuePosition> measures;
};

/// A z-score beyond this, up or down, is marked; the limit of the group page.
constexpr double kUnusual_z = 3.5;

/// A line with the middle of the group and a dot at `z`, cut at +-4; empty for NaN.
std::string position_svg(double z);

/// Writes the position of an image as a part of its section. Nothing if there are no sentences.
void write_position(HtmlWriter& html, const GroupPosition& position);

}  // namespace hypersynth
