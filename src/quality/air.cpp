#include "quality/air.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "quality/distribution.h"
#include "quality/head_mask.h"
#include "quality/ranked_values.h"

namespace hypersynth {
namespace {

/// Multiples of the spread of air (median absolute deviation / 0.6745) beyond which an intensity is
/// an artefact, as in MRIQC: 6.7 standard deviations of the noise before the magnitude is taken.
constexpr double kArtefactSpreads = 10;
constexpr double kMadOfStandardNormal = 0.6744897501960817;

/// Edge of the cubes whose mean intensities are compared: many voxels, so that noise averages out,
/// and still less than a ghost.
constexpr double kCubeMm = 8;

/// Fewest cubes of air whose 5th and 95th percentile say something.
constexpr std::size_t kFewestCubes = 20;

constexpr std::size_t kSpreadVoxels = 100000;

/// Where less of the air was left as it was scanned, the rest is a rim of the mask, not air.
constexpr double kFewestOfAir = 0.05;

/// Radius in voxels that covers a distance, at least 1.
std::array<int, 3> radius_of(double distance_mm, const Grid& grid) {
  std::array<int, 3> radius{};
  const auto spacing = spacing_mm(grid);
  for (std::size_t axis = 0; axis < 3; ++axis)
    radius[axis] = std::max(1, static_cast<int>(std::ceil(distance_mm / spacing[axis])));
  return radius;
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

/// Median absolute deviation / 0.6745 of the intensities above 0 in a mask, or their standard
/// deviation where that is 0, from at most twice kSpreadVoxels of them.
double spread_of(const Image& image, const MaskVoxels& mask) {
  const auto size = static_cast<std::size_t>(std::count(mask.begin(), mask.end(), 1));
  const std::size_t step = std::max<std::size_t>(1, size / kSpreadVoxels);
  std::vector<float> values;
  std::size_t seen = 0;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] != 0 && seen++ % step == 0 && image.voxels[i] > 0)
      values.push_back(image.voxels[i]);
  }
  const auto median = static_cast<float>(quantile(values, 0.5));
  std::vector<float> deviations(values.size());
  std::transform(values.begin(), values.end(), deviations.begin(),
                 [&](float value) { return std::abs(value - median); });
  const double mad = quantile(deviations, 0.5);
  // Where noise is stored as a few whole numbers, more than half of the voxels may have one value.
  return mad > 0 ? mad / kMadOfStandardNormal : describe(values).stdv;
}

/// Mean intensities of the cubes of kCubeMm that are at least half air, away from the head.
std::vector<float> cube_means(const Image& image, const MaskVoxels& air,
                              const MaskVoxels& near_head) {
  const auto& shape = image.grid.shape;
  const auto spacing = spacing_mm(image.grid);
  std::array<std::int64_t, 3> edge{};
  std::array<std::int64_t, 3> count{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    edge[axis] = std::max<std::int64_t>(1, std::lround(kCubeMm / spacing[axis]));
    count[axis] = (shape[axis] + edge[axis] - 1) / edge[axis];
  }
  std::vector<double> sums(static_cast<std::size_t>(count[0] * count[1] * count[2]));
  std::vector<std::int64_t> voxels(sums.size());
  std::size_t v = 0;
  for (std::int64_t k = 0; k < shape[2]; ++k) {
    for (std::int64_t j = 0; j < shape[1]; ++j) {
      const std::int64_t row = count[0] * (j / edge[1] + count[1] * (k / edge[2]));
      for (std::int64_t i = 0; i < shape[0]; ++i, ++v) {
        if (air[v] == 0 || near_head[v] != 0) continue;
        const auto cube = static_cast<std::size_t>(row + i / edge[0]);
        sums[cube] += image.voxels[v];
        ++voxels[cube];
      }
    }
  }
  std::vector<float> means;
  for (std::size_t cube = 0; cube < sums.size(); ++cube) {
    if (2 * voxels[cube] >= edge[0] * edge[1] * edge[2])
      means.push_back(static_cast<float>(sums[cube] / static_cast<double>(voxels[cube])));
  }
  return means;
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
  const double limit = kArtefactSpreads * spread_of(image, air);
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
  // The border of such a region, where boxes don't fit.
  dilate_box(zero, image.grid.shape, {1, 1, 1});
  for (std::size_t i = 0; i < zero.size(); ++i) zero[i] &= image.voxels[i] == 0 ? 1 : 0;
  return zero;
}

HeadAndAir find_head_and_air(const Image& image, const Image& corrected, const TissueMap& map,
                             const MaskVoxels& zero_filled, const AirOptions& options) {
  HeadAndAir result;
  const double height = height_of_brain(map, image.grid);
  if (std::isnan(height)) {
    result.no_air_reason = "no brain was segmented";
    return result;
  }
  const Shape& shape = image.grid.shape;
  MaskVoxels head = find_head(image, map);
  result.head_median = quantile(intensities_in(corrected, head), 0.5);
  result.head_voxels = head;
  dilate_box(head, shape, radius_of(0, image.grid));
  MaskVoxels air(head.size());
  for (std::size_t i = 0; i < air.size(); ++i) air[i] = head[i] ^ 1;
  clear_below(air, image.grid, height);
  const auto around = static_cast<double>(std::count(air.begin(), air.end(), 1));
  for (std::size_t i = 0; i < air.size(); ++i) air[i] &= zero_filled[i] ^ 1;
  const auto measured = static_cast<double>(std::count(air.begin(), air.end(), 1));
  const auto fewest = std::max<double>(options.min_voxels, kFewestOfAir * around);
  if (measured < fewest) {
    result.no_air_reason =
        around < options.min_voxels
            ? "the field of view has no air above the brain"
            : "the air was set to zero or below (skull-stripped, masked or negative intensities)";
    return result;
  }
  dilate_box(head, shape, radius_of(options.artefact_margin_mm, image.grid));
  MaskVoxels outside(head.size());
  for (std::size_t i = 0; i < outside.size(); ++i)
    outside[i] = (result.head_voxels[i] | zero_filled[i]) ^ 1;
  result.outside_median = quantile(intensities_in(image, outside), 0.5);
  const std::vector<float> cubes = cube_means(image, air, head);
  if (cubes.size() >= kFewestCubes)
    result.cube_range = quantile(cubes, 0.95) - quantile(cubes, 0.05);
  if (const auto artefacts = find_artefacts(image, head, air)) {
    result.artefact_share = static_cast<double>(artefacts->size()) / measured;
    for (const std::size_t offset : *artefacts) air[offset] = kArtefact;
  }
  result.air = intensities_in(image, air);
  result.air_voxels = std::move(air);
  return result;
}

}  // namespace hypersynth
