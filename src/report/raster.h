#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hypersynth {

/// A colour; each part is between 0 and 255.
struct Rgb {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;

  bool operator==(const Rgb&) const = default;
};

/// A picture in memory, stored row by row from the top.
template <typename Pixel>
struct Raster {
  int width = 0;
  int height = 0;
  std::vector<Pixel> pixels;

  Raster() = default;
  Raster(int width_px, int height_px, Pixel fill = Pixel{})
      : width(width_px),
        height(height_px),
        pixels(static_cast<std::size_t>(width_px) * static_cast<std::size_t>(height_px), fill) {}

  Pixel* row(int y) { return pixels.data() + static_cast<std::size_t>(y) * width; }
  const Pixel* row(int y) const { return pixels.data() + static_cast<std::size_t>(y) * width; }
  Pixel& at(int x, int y) { return row(y)[x]; }
  Pixel at(int x, int y) const { return row(y)[x]; }
};

using GrayImage = Raster<std::uint8_t>;
using RgbImage = Raster<Rgb>;

/// A picture whose pixels are numbers of palette entries. Entry 0 is transparent unless `opacity`
/// says otherwise, so that outlines can lie over a scan.
struct IndexedImage : Raster<std::uint8_t> {
  using Raster::Raster;
  std::vector<Rgb> palette{Rgb{}};  ///< 1 to 256 entries
  /// How opaque the first entries are, 0 to 255; others are opaque.
  std::vector<std::uint8_t> opacity{0};
};

/// Copies `tile` into `canvas` with its upper left corner at (left, top). What goes over the edge
/// of the canvas is cut off.
template <typename Pixel>
void blit(const Raster<Pixel>& tile, int left, int top, Raster<Pixel>& canvas) {
  const int x_begin = std::max(0, -left), x_end = std::min(tile.width, canvas.width - left);
  const int y_begin = std::max(0, -top), y_end = std::min(tile.height, canvas.height - top);
  if (x_begin >= x_end) return;
  for (int y = y_begin; y < y_end; ++y) {
    std::copy(tile.row(y) + x_begin, tile.row(y) + x_end, canvas.row(top + y) + left + x_begin);
  }
}

}  // namespace hypersynth
