#include "quality/head_mask.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>

#include "image/largest_component_itk.h"
#include "image/otsu_itk.h"
#include "quality/ranked_values.h"

namespace hypersynth {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kSampleSize = 200000;

/// Of the brain's median: scalp, muscle and fat are brighter, ghosts of the head are darker.
constexpr float kDarkestOfBrain = 0.25F;

/// Skull and scalp are about 15 mm thick, 25 mm with frontal sinus or hair.
constexpr double kThickestScalpMm = 30;

/// The skull is dark: pieces that are so near to the brain are joined with it.
constexpr double kSkullMm = 8;

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

/// Median of a sample of the tissues' intensities; 0 where there is no tissue.
float median_of_brain(const Image& image, const TissueMap& map) {
  std::vector<float> values;
  const std::size_t step = (image.voxels.size() / kSampleSize / 4) | 1U;
  for (std::size_t i = 0; i < image.voxels.size(); i += step) {
    if (map.tissue[i] != 0) values.push_back(image.voxels[i]);
  }
  return values.empty() ? 0 : static_cast<float>(quantile(values, 0.5));
}

/// 1 within a distance of the tissues, as a box.
MaskVoxels near_brain(const TissueMap& map, const Grid& grid, double distance_mm) {
  MaskVoxels near(map.tissue.size());
  for (std::size_t i = 0; i < near.size(); ++i) near[i] = map.tissue[i] != 0;
  const auto spacing = spacing_mm(grid);
  std::array<int, 3> radius{};
  for (std::size_t axis = 0; axis < 3; ++axis)
    radius[axis] = static_cast<int>(std::ceil(distance_mm / spacing[axis]));
  dilate_box(near, grid.shape, radius);
  return near;
}

/// Clears what lies above a height and not near the brain.
void clear_far_above(Mask& bright, const TissueMap& map, double height) {
  const MaskVoxels near = near_brain(map, bright.grid, kThickestScalpMm);
  const Slope slope = slope_of(bright.grid);
  std::size_t v = 0;
  for (std::int64_t k = 0; k < bright.grid.shape[2]; ++k) {
    for (std::int64_t j = 0; j < bright.grid.shape[1]; ++j) {
      const double row = slope[1] * static_cast<double>(j) + slope[2] * static_cast<double>(k);
      for (std::int64_t i = 0; i < bright.grid.shape[0]; ++i, ++v) {
        if (row + slope[0] * static_cast<double>(i) > height) bright.voxels[v] &= near[v];
      }
    }
  }
}

}  // namespace

Slope slope_of(const Grid& grid) {
  const auto& z = grid.world_from_voxel[2];
  return {z[0], z[1], z[2]};
}

double height_of_brain(const TissueMap& map, const Grid& grid) {
  const Slope slope = slope_of(grid);
  double sum = 0;
  double n = 0;
  const std::uint8_t* row = map.tissue.data();
  for (std::int64_t k = 0; k < grid.shape[2]; ++k) {
    for (std::int64_t j = 0; j < grid.shape[1]; ++j, row += grid.shape[0]) {
      std::int32_t count = 0;
      std::int32_t sum_i = 0;
      for (std::int32_t i = 0; i < grid.shape[0]; ++i) {
        const std::int32_t brain = (row[i] & 2) >> 1;
        count += brain;
        sum_i += brain * i;
      }
      n += count;
      sum += slope[0] * sum_i +
             count * (slope[1] * static_cast<double>(j) + slope[2] * static_cast<double>(k));
    }
  }
  return n > 0 ? sum / n : kNan;
}

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
  const float threshold =
      std::max(head_threshold(image), kDarkestOfBrain * median_of_brain(image, map));
  Mask bright(image.grid);
  for (std::size_t i = 0; i < bright.voxels.size(); ++i)
    bright.voxels[i] = (image.voxels[i] > threshold) | (map.tissue[i] != 0);
  const double height = height_of_brain(map, image.grid);
  if (!std::isnan(height)) clear_far_above(bright, map, height);
  Mask joined(image.grid);
  joined.voxels = near_brain(map, image.grid, kSkullMm);
  for (std::size_t i = 0; i < bright.voxels.size(); ++i) joined.voxels[i] |= bright.voxels[i];
  keep_largest_piece(joined);
  for (std::size_t i = 0; i < bright.voxels.size(); ++i) bright.voxels[i] &= joined.voxels[i];
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
