#include "quality/head_mask.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>

#include "image/largest_component_itk.h"
#include "image/otsu_itk.h"
#include "quality/ranked_values.h"

namespace hypersynth {
namespace {

constexpr std::size_t kSampleSize = 200000;

/// Voxels spread evenly over the image.
std::vector<float> sample_voxels(const Image& image) {
  // An odd step, so that rows of even length aren't always hit at the same columns.
  const std::size_t step = (image.voxels.size() / kSampleSize) | 1U;
  std::vector<float> sample;
  for (std::size_t i = 0; i < image.voxels.size(); i += step) sample.push_back(image.voxels[i]);
  return sample;
}

/// Marks in `outside` what lines along the rows reach before `mask`.
void look_along_rows(const MaskVoxels& mask, const Shape& shape, bool from_last,
                     MaskVoxels& outside) {
  const auto row_size = static_cast<std::ptrdiff_t>(shape[0]);
  for (std::ptrdiff_t row = 0; row < std::ssize(mask); row += row_size) {
    const auto begin = mask.begin() + row;
    const auto end = begin + row_size;
    if (from_last) {
      const auto hit = std::find(std::make_reverse_iterator(end), std::make_reverse_iterator(begin),
                                 std::uint8_t{1});
      std::fill(outside.begin() + (hit.base() - mask.begin()), outside.begin() + row + row_size,
                std::uint8_t{1});
    } else {
      const auto hit = std::find(begin, end, std::uint8_t{1});
      std::fill(outside.begin() + row, outside.begin() + (hit - mask.begin()), std::uint8_t{1});
    }
  }
}

/// The same along the second or third axis, whose lines are `count` blocks of `stride` voxels.
void look_across_rows(const MaskVoxels& mask, std::size_t stride, std::size_t count, bool from_last,
                      MaskVoxels& outside) {
  std::vector<std::uint8_t> open(stride);
  const std::size_t size = stride * count;
  for (std::size_t begin = 0; begin < mask.size(); begin += size) {
    std::fill(open.begin(), open.end(), std::uint8_t{1});
    for (std::size_t step = 0; step < count; ++step) {
      const std::size_t block = begin + (from_last ? count - 1 - step : step) * stride;
      const std::uint8_t* inside = mask.data() + block;
      std::uint8_t* reached = outside.data() + block;
      for (std::size_t i = 0; i < stride; ++i) {
        open[i] = static_cast<std::uint8_t>(open[i] & (inside[i] ^ 1));
        reached[i] |= open[i];
      }
    }
  }
}

}  // namespace

float head_threshold(const Image& image) {
  std::vector<float> sample = sample_voxels(image);
  const double top = quantile(sample, 0.995);
  if (!(top > 0)) return 0;
  const double threshold = otsu_threshold(sample, top);
  std::vector<float> darker;
  for (const float value : sample) {
    if (value <= threshold) darker.push_back(value);
  }
  const double median = quantile(darker, 0.5);
  for (float& value : darker) value = std::abs(value - static_cast<float>(median));
  const double noise = median + 8 * quantile(darker, 0.5);
  return static_cast<float>(darker.empty() ? threshold : std::min(threshold, noise));
}

Upwards upwards(const Grid& grid) {
  Upwards result;
  const auto& z = grid.world_from_voxel[2];
  const auto spacing = spacing_mm(grid);
  const auto steepness = [&](std::size_t axis) { return std::abs(z[axis]) / spacing[axis]; };
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (steepness(axis) > steepness(result.axis)) result.axis = axis;
  }
  result.increasing = z[result.axis] > 0;
  return result;
}

MaskVoxels find_head(const Image& image, const TissueMap& map) {
  const Shape& shape = image.grid.shape;
  const float threshold = head_threshold(image);
  Mask bright(image.grid);
  for (std::size_t i = 0; i < bright.voxels.size(); ++i)
    bright.voxels[i] = (image.voxels[i] > threshold) | (map.tissue[i] != 0);
  keep_largest_piece(bright);
  const MaskVoxels& piece = bright.voxels;
  const Upwards up = upwards(image.grid);
  MaskVoxels outside(piece.size(), 0);
  std::size_t stride = 1;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto count = static_cast<std::size_t>(shape[axis]);
    for (const bool from_last : {false, true}) {
      const bool from_below = axis == up.axis && from_last != up.increasing;
      if (from_below) continue;
      if (axis == 0) {
        look_along_rows(piece, shape, from_last, outside);
      } else {
        look_across_rows(piece, stride, count, from_last, outside);
      }
    }
    stride *= count;
  }
  for (auto& voxel : outside) voxel ^= 1;
  return outside;
}

}  // namespace hypersynth
