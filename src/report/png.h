#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "report/raster.h"

namespace hypersynth {

/// The bytes of a PNG file. Throws std::invalid_argument for a picture without pixels, or a palette
/// without an entry for some pixel, and Error(kInternal) where libpng fails.
std::string encode_png(const GrayImage& image);
std::string encode_png(const RgbImage& image);
std::string encode_png(const IndexedImage& image);

/// Width and height in pixels from the first bytes of a PNG file; nothing if they are not a PNG's.
std::optional<std::pair<int, int>> png_size(std::string_view bytes);

}  // namespace hypersynth
