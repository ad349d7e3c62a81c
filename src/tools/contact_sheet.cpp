#include "tools/contact_sheet.h"

#include <algorithm>

#include "report/png.h"
#include "report/raster.h"

namespace hypersynth {
namespace {

constexpr int kGap = 2;

/// The middle slice across `axis`, upright: the later of the other two axes runs upwards.
GrayImage middle_slice(const Image& image, std::size_t axis) {
  const std::size_t right = axis == 0 ? 1 : 0;
  const std::size_t up = axis == 2 ? 1 : 2;
  const auto& shape = image.grid.shape;
  GrayImage slice(static_cast<int>(shape[right]), static_cast<int>(shape[up]));
  std::array<std::int64_t, 3> voxel{};
  voxel[axis] = shape[axis] / 2;
  for (int y = 0; y < slice.height; ++y) {
    for (int x = 0; x < slice.width; ++x) {
      voxel[right] = x;
      voxel[up] = shape[up] - 1 - y;
      const float value = image.at(voxel[0], voxel[1], voxel[2]);
      slice.at(x, y) = static_cast<std::uint8_t>(std::clamp(value / 1.2F, 0.0F, 1.0F) * 255);
    }
  }
  return slice;
}

}  // namespace

std::string contact_sheet(const std::vector<Image>& images) {
  std::vector<std::vector<GrayImage>> rows;
  int width = 0, height = 0;
  for (const auto& image : images) {
    rows.push_back({middle_slice(image, 2), middle_slice(image, 1), middle_slice(image, 0)});
    int row_width = 0, row_height = 0;
    for (const auto& slice : rows.back()) {
      row_width += slice.width + kGap;
      row_height = std::max(row_height, slice.height);
    }
    width = std::max(width, row_width);
    height += row_height + kGap;
  }
  GrayImage sheet(width, height);
  int top = 0;
  for (const auto& row : rows) {
    int left = 0, row_height = 0;
    for (const auto& slice : row) {
      blit(slice, left, top, sheet);
      left += slice.width + kGap;
      row_height = std::max(row_height, slice.height);
    }
    top += row_height + kGap;
  }
  return encode_png(sheet);
}

}  // namespace hypersynth
