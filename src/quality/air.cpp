#include "quality/air.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "quality/head_mask.h"
#include "quality/ranked_values.h"

namespace hypersynth {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Multiples of the median absolute deviation of air beyond which an intensity is an artefact, as
/// in MRIQC (4.5 standard deviations of Gaussian noise before the magnitude is taken).
constexpr double kArtefactMads = 10;

constexpr std::size_t kSpreadVoxels = 100000;

/// Where less of the air was left as it was scanned, the rest is a rim of the mask, not air.
constexpr double kFewestOfAir = 0.05;

/// Radius in voxels that covers a distance, at least 1.
std::array<int, 3> radius_of(double distance_mm, const Grid& grid) {
  std::array<int, 3> radius{};
  const auto spacing = spacing_mm(grid);
  for (std::size_t axis = 0; axis < 3; ++axis)
    radius[axis] = std::max(1, static_cast<int>(std::lround(distance_mm / spacing[axis])));
  return radius;
}

/// Height of a voxel above that of voxel (0, 0, 0), in mm, is the sum over axes of slope * index.
using Slope = std::array<double, 3>;

Slope slope_of(const Grid& grid) {
  const auto& z = grid.world_from_voxel[2];
  return {z[0], z[1], z[2]};
}

/// Height of the centre of all grey and white matter; NaN where there is none.
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

/// Clears the voxels of a mask that lie below a height: the start or the end of each row.
void clear_below(MaskVoxels& mask, const Grid& grid, double height) {
  const Slope slope = slope_of(grid);
  const auto ni = static_cast<double>(grid.shape[0]);
  auto row = mask.begin();
  for (std::int64_t k = 0; k < grid.shape[2]; ++k) {
    for (std::int64_t j = 0; j < grid.shape[1]; ++j, row += grid.shape[0]) {
      const double missing =
          height - slope[1] * static_cast<double>(j) - slope[2] * static_cast<double>(k);
      // The row passes the height at index missing / slope[0].
      double below = missing > 0 ? ni : 0;
      if (slope[0] > 0) below = std::clamp(std::ceil(missing / slope[0]), 0.0, ni);
      if (slope[0] < 0) below = std::clamp(ni - 1 - std::floor(missing / slope[0]), 0.0, ni);
      const auto count = static_cast<std::ptrdiff_t>(below);
      std::fill_n(slope[0] < 0 ? row + grid.shape[0] - count : row, count, std::uint8_t{0});
    }
  }
}

std::vector<float> intensities_in(const Image& image, const MaskVoxels& mask) {
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(std::count(mask.begin(), mask.end(), 1)));
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == 1) values.push_back(image.voxels[i]);
  }
  return values;
}

/// Median absolute deviation of the intensities in a mask, from at most twice kSpreadVoxels of
/// them.
double median_absolute_deviation(const Image& image, const MaskVoxels& mask) {
  const auto size = static_cast<std::size_t>(std::count(mask.begin(), mask.end(), 1));
  const std::size_t step = std::max<std::size_t>(1, size / kSpreadVoxels);
  std::vector<float> values;
  std::size_t seen = 0;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] != 0 && seen++ % step == 0) values.push_back(image.voxels[i]);
  }
  const auto median = static_cast<float>(quantile(values, 0.5));
  for (float& value : values) value = std::abs(value - median);
  return quantile(values, 0.5);
}

/// Offsets of the six neighbours; empty where one lies outside the image.
std::vector<std::size_t> neighbours(std::size_t offset, const Shape& shape) {
  std::vector<std::size_t> result;
  std::size_t stride = 1;
  for (const std::int64_t extent : shape) {
    const auto count = static_cast<std::size_t>(extent);
    const std::size_t index = offset / stride % count;
    if (index == 0 || index + 1 == count) return {};
    result.push_back(offset - stride);
    result.push_back(offset + stride);
    stride *= count;
  }
  return result;
}

/// Those of a set of voxels that an opening with the cross of six neighbours keeps.
std::vector<std::size_t> open_cross(const std::vector<std::size_t>& members, const Shape& shape) {
  const auto is_member = [&](std::size_t offset) {
    return std::binary_search(members.begin(), members.end(), offset);
  };
  std::vector<std::size_t> kept;
  for (const std::size_t offset : members) {
    const auto around = neighbours(offset, shape);
    if (around.empty() || !std::all_of(around.begin(), around.end(), is_member)) continue;
    kept.push_back(offset);
    kept.insert(kept.end(), around.begin(), around.end());
  }
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  return kept;
}

/// The voxels of `air` that are artefacts (Mortamet et al. 2009); nothing where the air has no
/// noise to compare with.
std::optional<std::vector<std::size_t>> find_artefacts(const Image& image,
                                                       const MaskVoxels& near_head,
                                                       const MaskVoxels& air) {
  const double limit = kArtefactMads * median_absolute_deviation(image, air);
  if (!(limit > 0)) return std::nullopt;
  std::vector<std::size_t> bright;
  for (std::size_t i = 0; i < air.size(); ++i) {
    if (air[i] != 0 && near_head[i] == 0 && image.voxels[i] > limit) bright.push_back(i);
  }
  return open_cross(bright, image.grid.shape);
}

}  // namespace

MaskVoxels find_zero_filled(const Image& image) {
  MaskVoxels zero(image.voxels.size());
  for (std::size_t i = 0; i < zero.size(); ++i) zero[i] = image.voxels[i] == 0;
  open_box(zero, image.grid.shape, {1, 1, 1});
  return zero;
}

HeadAndAir find_head_and_air(const Image& image, const TissueMap& map,
                             const MaskVoxels& zero_filled, const AirOptions& options) {
  HeadAndAir result;
  result.artefact_share = kNan;
  const double height = height_of_brain(map, image.grid);
  if (std::isnan(height)) {
    result.no_air_reason = "no brain was segmented";
    return result;
  }
  const Shape& shape = image.grid.shape;
  MaskVoxels head = find_head(image, map);
  result.head = intensities_in(image, head);
  dilate_box(head, shape, radius_of(0, image.grid));
  MaskVoxels air(head.size());
  for (std::size_t i = 0; i < air.size(); ++i) air[i] = head[i] ^ 1;
  clear_below(air, image.grid, height);
  const auto around = static_cast<double>(std::count(air.begin(), air.end(), 1));
  for (std::size_t i = 0; i < air.size(); ++i) air[i] &= zero_filled[i] ^ 1;
  const auto measured = static_cast<double>(std::count(air.begin(), air.end(), 1));
  const auto fewest = std::max<double>(options.min_voxels, kFewestOfAir * around);
  if (measured < fewest) {
    result.no_air_reason = around < options.min_voxels
                               ? "the field of view has no air above the brain"
                               : "the air was set to zero (skull-stripped or masked image)";
    return result;
  }
  dilate_box(head, shape, radius_of(options.artefact_margin_mm, image.grid));
  if (const auto artefacts = find_artefacts(image, head, air)) {
    result.artefact_share = static_cast<double>(artefacts->size()) / measured;
    for (const std::size_t offset : *artefacts) air[offset] = kArtefact;
  }
  result.air = intensities_in(image, air);
  result.air_voxels = std::move(air);
  return result;
}

}  // namespace hypersynth
