#pragma once

#include <string_view>

#include "report/raster.h"

namespace hypersynth {

/// Width in pixels of `text` (printable ASCII; other bytes are spaces) in capitals
/// `cap_height_px` high.
int text_width_px(std::string_view text, int cap_height_px);

/// Writes `text` in anti-aliased strokes with a dark halo, its baseline at row `baseline`. Cut at
/// the edge of the picture.
void draw_text(std::string_view text, int left, int baseline, int cap_height_px, std::uint8_t level,
               GrayImage& picture);

}  // namespace hypersynth
