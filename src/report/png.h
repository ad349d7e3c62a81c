#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "report/raster.h"

namespace hypersynth {

/// The picture as the bytes of a PNG file. Throws std::invalid_argument if the picture has no
/// pixels or a pixel has no entry in the palette, and Error kInternal if libpng fails.
std::string encode_png(const GrayImage& image);
std::string encode_png(const RgbImage& image);
std::string encode_png(const IndexedImage& image);

/// Width and height in pixels, read from the first 24 bytes of a PNG file; nothing if `bytes` are
/// not the start of one.
std::optional<std::pair<int, int>> png_size(std::string_view bytes);

}  // namespace hypersynth
