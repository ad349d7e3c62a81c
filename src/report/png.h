#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/filesystem/path.hpp>

#include "report/raster.h"

namespace hypersynth {

/// The picture as the bytes of a PNG file. Throws std::invalid_argument if the picture has no
/// pixels or a pixel has no entry in the palette, and Error kInternal if libpng fails. `text`
/// (ASCII) is kept in the file, where png_text_of_file() finds it.
std::string encode_png(const GrayImage& image, const std::string& text = {});
std::string encode_png(const RgbImage& image);
std::string encode_png(const IndexedImage& image);

/// Width and height in pixels, read from the first 24 bytes of a PNG file; nothing if `bytes` are
/// not the start of one.
std::optional<std::pair<int, int>> png_size(std::string_view bytes);

/// The same for a file; nothing if it is not there or not a PNG file.
std::optional<std::pair<int, int>> png_size_of_file(const boost::filesystem::path& path);

/// The text that encode_png() kept in a file; empty if there is none.
std::string png_text_of_file(const boost::filesystem::path& path);

}  // namespace hypersynth
