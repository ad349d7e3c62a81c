#include "image/line_palette.h"

namespace hypersynth {
namespace {

constexpr LineColor kPalette[] = {
    {{20, 190, 255}, {70, 130, 180}},    // sky blue
    {{230, 170, 30}, {250, 220, 160}},   // orange
    {{220, 80, 190}, {250, 170, 230}},   // magenta
    {{190, 250, 120}, {120, 170, 60}},   // lime
    {{80, 110, 250}, {120, 150, 255}},   // blue
    {{240, 150, 110}, {170, 120, 100}},  // salmon
    {{110, 130, 0}, {250, 240, 0}},      // olive and yellow
};

}  // namespace

std::span<const LineColor> line_palette() { return kPalette; }

}  // namespace hypersynth
