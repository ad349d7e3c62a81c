#include "report/thumbnail.h"

#include <algorithm>

namespace hypersynth {
namespace {

constexpr int kTile_px = 128;  ///< width of a slice
constexpr int kGreyLevels = 16;

/// The palette entry of a grey level: the first entries are grey, from black to white.
std::uint8_t entry_of_grey(std::uint8_t level) {
  return static_cast<std::uint8_t>(level * kGreyLevels / 256);
}

/// The entry of a colour, which is added; the last one, where there is no room.
std::uint8_t entry_of_line(Rgb colour, std::vector<Rgb>& palette) {
  const auto known = std::find(palette.begin(), palette.end(), colour);
  const auto entry = static_cast<std::size_t>(known - palette.begin());
  if (known == palette.end() && palette.size() < 256) palette.push_back(colour);
  return static_cast<std::uint8_t>(std::min(entry, palette.size() - 1));
}

/// Lays the lines of `outlines` over the slice whose upper left corner is at (left, top).
void lay_over(const IndexedImage& outlines, int height, int left, int top, IndexedImage& picture) {
  const std::size_t first_line = outlines.opacity.size();  // the entries before are not opaque
  std::vector<std::uint8_t> entries(outlines.palette.size(), 0);
  for (std::size_t i = first_line; i < outlines.palette.size(); ++i)
    entries[i] = entry_of_line(outlines.palette[i], picture.palette);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < outlines.width; ++x) {
      if (const std::uint8_t line = outlines.at(x, y); line >= first_line)
        picture.at(left + x, top + y) = entries[line];
    }
  }
}

}  // namespace

IndexedImage draw_thumbnail(const VoxelView& view, std::span<const LabelColour> colours) {
  MosaicOptions options;
  options.columns = options.rows = 1;
  options.width_px = kTile_px;
  options.most_width_px = 0;
  options.text_height_px = 0;
  const auto mosaics = draw_mosaics(view, colours, options);
  int height = 1;
  for (const Mosaic& mosaic : mosaics) height = std::max(height, mosaic.anatomy.height);
  height = std::min(height, 2 * kTile_px);
  IndexedImage picture(3 * kTile_px, height);
  picture.opacity.clear();
  picture.palette.clear();
  for (int i = 0; i < kGreyLevels; ++i) {
    const auto level = static_cast<std::uint8_t>(i * 255 / (kGreyLevels - 1));
    picture.palette.push_back({level, level, level});
  }
  for (int which = 0; which < 3; ++which) {
    const Mosaic& mosaic = mosaics[which];
    const int rows = std::min(height, mosaic.anatomy.height);
    const int left = which * kTile_px, top = (height - rows) / 2;
    for (int y = 0; y < rows; ++y) {
      for (int x = 0; x < kTile_px; ++x)
        picture.at(left + x, top + y) = entry_of_grey(mosaic.anatomy.at(x, y));
    }
    lay_over(mosaic.structures, rows, left, top, picture);
    lay_over(mosaic.brain, rows, left, top, picture);
  }
  return picture;
}

std::string thumbnail_name(const std::string& stem, const std::string& suffix) {
  return stem + "_desc-thumbnail_" + suffix + ".png";
}

}  // namespace hypersynth
