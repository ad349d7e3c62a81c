#pragma once

#include <string_view>

#include "report/raster.h"

namespace hypersynth {

/// The width in pixels of `text`, if its capital letters are `cap_height_px` high. Only printable
/// ASCII can be drawn; every other byte is a space.
int text_width_px(std::string_view text, int cap_height_px);

/// Draws `text` into a picture, in strokes of grey level `level` with a dark halo, so that it can
/// be read on any background. `left` is the column where it begins and `baseline` the row of its
/// baseline. What goes over the edge of the picture is cut off; a height of 0 draws nothing.
void draw_text(std::string_view text, int left, int baseline, int cap_height_px, std::uint8_t level,
               GrayImage& picture);

}  // namespace hypersynth
