#include "quality/air.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "quality/distribution.h"
#include "quality/head_mask.h"

namespace hypersynth {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Multiples of the median absolute deviation of air beyond which an intensity is an artefact, as
/// in MRIQC (4.5 standard deviations of Gaussian noise before the magnitude is taken).
constexpr double kArtefactMads = 10;

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

/// Height above the origin of the centre of all grey and white matter, as
/// sum over axes of z[axis] * index; NaN where there is none.
double height_of_brain(const TissueMap& map, const Grid& grid) {
  const auto& z = grid.world_from_voxel[2];
  double sum = 0;
  double n = 0;
  std::size_t offset = 0;
  for (std::int64_t k = 0; k < grid.shape[2]; ++k) {
    for (std::int64_t j = 0; j < grid.shape[1]; ++j) {
      std::int64_t count = 0;
      std::int64_t sum_i = 0;
      for (std::int64_t i = 0; i < grid.shape[0]; ++i, ++offset) {
        const bool brain = tissue_of(map.tissue[offset]) >= Tissue::kGreyMatter;
        count += brain;
        sum_i += brain ? i : 0;
      }
      const auto row = static_cast<double>(count);
      n += row;
      sum += z[0] * static_cast<double>(sum_i) +
             row * (z[1] * static_cast<double>(j) + z[2] * static_cast<double>(k));
    }
  }
  return n > 0 ? sum / n : kNan;
}

/// Clears the voxels of a mask that lie below a height.
void clear_below(MaskVoxels& mask, const Grid& grid, double height) {
  const auto& z = grid.world_from_voxel[2];
  std::size_t offset = 0;
  for (std::int64_t k = 0; k < grid.shape[2]; ++k) {
    for (std::int64_t j = 0; j < grid.shape[1]; ++j) {
      const double row = z[1] * static_cast<double>(j) + z[2] * static_cast<double>(k) - height;
      for (std::int64_t i = 0; i < grid.shape[0]; ++i, ++offset) {
        if (row + z[0] * static_cast<double>(i) < 0) mask[offset] = 0;
      }
    }
  }
}

std::vector<float> intensities_in(const Image& image, const MaskVoxels& mask) {
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(std::count(mask.begin(), mask.end(), 1)));
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] != 0) values.push_back(image.voxels[i]);
  }
  return values;
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

/// Opening with the cross of six neighbours; the mask has few voxels, so it goes through those.
MaskVoxels open_cross(const MaskVoxels& mask, const std::vector<std::size_t>& members,
                      const Shape& shape) {
  MaskVoxels result(mask.size(), 0);
  for (const std::size_t offset : members) {
    const auto around = neighbours(offset, shape);
    const auto is_set = [&](std::size_t other) { return mask[other] != 0; };
    if (around.empty() || !std::all_of(around.begin(), around.end(), is_set)) continue;
    result[offset] = 1;
    for (const std::size_t other : around) result[other] = 1;
  }
  return result;
}

/// Removes artefacts from `air` and returns how many voxels they are (Mortamet et al. 2009);
/// nothing where the air has no noise to compare with.
std::optional<std::int64_t> remove_artefacts(const Image& image, const MaskVoxels& near_head,
                                             MaskVoxels& air) {
  const Distribution noise = describe(intensities_in(image, air));
  const double limit = kArtefactMads * 0.6744897501960817 * noise.mad;
  if (!(limit > 0)) return std::nullopt;
  MaskVoxels bright(air.size(), 0);
  std::vector<std::size_t> members;
  for (std::size_t i = 0; i < air.size(); ++i) {
    if (air[i] == 0 || near_head[i] != 0 || image.voxels[i] <= limit) continue;
    bright[i] = 1;
    members.push_back(i);
  }
  const MaskVoxels artefacts = open_cross(bright, members, image.grid.shape);
  std::int64_t removed = 0;
  for (const std::size_t i : members) {
    if (artefacts[i] == 0) continue;
    air[i] = 0;
    ++removed;
  }
  return removed;
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
  MaskVoxels head = find_head(image, map, zero_filled);
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
  const auto artefacts = remove_artefacts(image, head, air);
  if (artefacts) result.artefact_share = static_cast<double>(*artefacts) / measured;
  result.air = intensities_in(image, air);
  return result;
}

}  // namespace hypersynth
