#pragma once

#include <cstddef>
#include <vector>

namespace hypersynth::pipeline {

struct Point {
  double x = 0;
  double y = 0;
};

/// A box to be placed; all lengths in pixels.
struct LayoutBox {
  double width = 0;
  double height = 0;
  Point corner;  ///< set: the upper left one
};

/// An arrow between two boxes.
struct LayoutLink {
  std::size_t from = 0;
  std::size_t to = 0;
  std::vector<Point> bends;  ///< set: where it passes the layers between the two
};

/// Places boxes in layers, every one below those that link to it (cycles are broken), and parts
/// that are not linked side by side; gives the size of the whole. After Sugiyama, Tagawa and Toda
/// 1981: longest-path layers, barycentre order; positions by isotonic regression.
Point lay_out(std::vector<LayoutBox>& boxes, std::vector<LayoutLink>& links);

}  // namespace hypersynth::pipeline
