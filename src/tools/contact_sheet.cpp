#include "tools/contact_sheet.h"

#include <algorithm>
#include <cmath>

#include "image/middle_slice.h"
#include "report/picture_text.h"
#include "report/png.h"
#include "report/raster.h"

namespace hypersynth {
namespace {

constexpr int kGap = 4;
constexpr int kCapHeight = 9;
constexpr int kHeading = 2 * kCapHeight;
constexpr std::uint8_t kTextLevel = 230;
constexpr const char* kPlanes[] = {"sagittal", "coronal", "axial"};

/// Saturated colours that differ from structure to structure: hues a golden angle apart.
Rgb colour_of(std::int32_t label) {
  const double hue = std::fmod(0.618034 * label, 1.0) * 6;
  const auto channel = [&](double offset) {
    const double distance = std::abs(std::fmod(hue + offset, 6.0) - 3);
    return static_cast<std::uint8_t>(255 * std::clamp(distance - 1, 0.0, 1.0));
  };
  return {channel(0), channel(4), channel(2)};
}

Rgb mixed(Rgb a, Rgb b) {
  const auto mean = [](int x, int y) { return static_cast<std::uint8_t>((x + y) / 2); };
  return {mean(a.red, b.red), mean(a.green, b.green), mean(a.blue, b.blue)};
}

/// The middle slice across `axis`, grey or with the reference in colour.
RgbImage middle_slice(const SyntheticPair& pair, std::size_t axis, bool coloured) {
  const MiddleSlice middle(pair.image.grid, axis);
  RgbImage slice(middle.width(), middle.height());
  for (int y = 0; y < slice.height; ++y) {
    for (int x = 0; x < slice.width; ++x) {
      const auto [i, j, k] = middle.voxel(x, y);
      const float value = pair.image.at(i, j, k);
      const auto level = static_cast<std::uint8_t>(std::clamp(value / 1.2F, 0.0F, 1.0F) * 255);
      const auto label = pair.reference.at(i, j, k);
      slice.at(x, y) = {level, level, level};
      if (coloured && label != 0) slice.at(x, y) = mixed(slice.at(x, y), colour_of(label));
    }
  }
  return slice;
}

void write(const std::string& text, int left, int baseline, RgbImage& sheet) {
  GrayImage line(text_width_px(text, kCapHeight) + 4, 2 * kCapHeight);
  draw_text(text, 2, kCapHeight + kCapHeight / 2, kCapHeight, kTextLevel, line);
  RgbImage coloured(line.width, line.height);
  for (int y = 0; y < line.height; ++y) {
    for (int x = 0; x < line.width; ++x)
      coloured.at(x, y) = {line.at(x, y), line.at(x, y), line.at(x, y)};
  }
  blit(coloured, left, baseline - kCapHeight - kCapHeight / 2, sheet);
}

}  // namespace

std::string contact_sheet(const std::vector<SyntheticPair>& pairs) {
  const Grid& grid = pairs.front().image.grid;
  const auto planes = middle_slice_axes(grid);
  int row_height = 0;
  const int margin = text_width_px(std::to_string(pairs.size()), kCapHeight) + 2 * kGap;
  int width = margin;
  for (const auto axis : planes) {
    const MiddleSlice middle(grid, axis);
    row_height = std::max(row_height, middle.height());
    width += 2 * (middle.width() + kGap);
  }
  const auto rows = static_cast<int>(pairs.size());
  RgbImage sheet(width, kHeading + rows * (row_height + kGap));
  for (int row = 0; row < rows; ++row) {
    const int top = kHeading + row * (row_height + kGap);
    write(std::to_string(row + 1), 0, top + kHeading, sheet);
    int left = margin;
    for (const bool coloured : {false, true}) {
      for (const auto axis : planes) {
        const auto slice = middle_slice(pairs[static_cast<std::size_t>(row)], axis, coloured);
        if (row == 0) write(kPlanes[axis], left, kHeading - kGap, sheet);
        blit(slice, left, top, sheet);
        left += slice.width + kGap;
      }
    }
  }
  return encode_png(sheet);
}

}  // namespace hypersynth
