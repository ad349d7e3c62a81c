#include "engine/data/pack_volumes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/error.h"
#include "core/joined.h"
#include "engine/model/input_recipe.h"
#include "image/nifti.h"
#include "image/orientation.h"
#include "image/resample.h"
#include "image/resample_labels.h"

namespace hypersynth {
namespace {

constexpr std::int64_t kMargin = 2;
constexpr double kSpacingTolerance_mm = 0.05;  // as of segmentation, see resampled_grid()

std::string listed(const std::set<std::int32_t>& values) {
  return joined(values, ", ", [](std::int32_t value) { return std::to_string(value); });
}

/// Smallest box around the voxels where `inside(offset)`; empty (low = high = 0) where there is
/// none.
template <typename Inside>
VoxelRanges box_of(const std::array<std::int64_t, 3>& shape, Inside inside) {
  VoxelRanges box{};
  bool any = false;
  std::size_t offset = 0;  // i fastest
  for (std::int64_t k = 0; k < shape[2]; ++k) {
    for (std::int64_t j = 0; j < shape[1]; ++j) {
      for (std::int64_t i = 0; i < shape[0]; ++i, ++offset) {
        if (!inside(offset)) continue;
        const std::int64_t voxel[] = {i, j, k};
        for (std::size_t axis = 0; axis < 3; ++axis) {
          auto& [low, high] = box[axis];
          low = any ? std::min(low, voxel[axis]) : voxel[axis];
          high = any ? std::max(high, voxel[axis] + 1) : voxel[axis] + 1;
        }
        any = true;
      }
    }
  }
  return box;
}

/// Values of `box` in [X,Y,Z] order with Z fastest.
template <typename T, typename Value>
std::vector<T> cut(const std::array<std::int64_t, 3>& shape, const VoxelRanges& box, Value value) {
  std::vector<T> result;
  for (std::int64_t i = box[0][0]; i < box[0][1]; ++i) {
    for (std::int64_t j = box[1][0]; j < box[1][1]; ++j) {
      for (std::int64_t k = box[2][0]; k < box[2][1]; ++k)
        result.push_back(value(static_cast<std::size_t>(i + shape[0] * (j + shape[1] * k))));
    }
  }
  return result;
}

VoxelRanges widened(VoxelRanges box, const std::array<std::int64_t, 3>& shape) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    box[axis][0] = std::max<std::int64_t>(0, box[axis][0] - kMargin);
    box[axis][1] = std::min(shape[axis], box[axis][1] + kMargin);
  }
  return box;
}

void place(PackedVolume& volume, const VoxelRanges& cut_box, const VoxelRanges& structures) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    volume.shape[axis] = cut_box[axis][1] - cut_box[axis][0];
    volume.box[axis] = {structures[axis][0] - cut_box[axis][0],
                        structures[axis][1] - cut_box[axis][0]};
  }
}

bool has_spacing(const Grid& grid, double spacing) {
  const auto found = spacing_mm(grid);
  return std::all_of(found.begin(), found.end(),
                     [&](double side) { return std::abs(side - spacing) <= kSpacingTolerance_mm; });
}

void scale_by_percentiles(std::vector<float>& values) {
  auto sorted = values;
  const auto rank = [&](double fraction) {
    const auto n = static_cast<double>(sorted.size() - 1);
    const auto position = sorted.begin() + static_cast<std::ptrdiff_t>(fraction * n + 0.5);
    std::nth_element(sorted.begin(), position, sorted.end());
    return *position;
  };
  const InputRecipe recipe;
  const float low = rank(recipe.low_percentile / 100);
  const float span = std::max(rank(recipe.high_percentile / 100) - low, 1e-6F);
  const auto least = static_cast<float>(recipe.clamp_min);
  const auto most = static_cast<float>(recipe.clamp_max);
  for (auto& value : values) value = std::clamp((value - low) / span, least, most);
}

std::string sides(const Grid& grid) {
  return std::to_string(grid.shape[0]) + " x " + std::to_string(grid.shape[1]) + " x " +
         std::to_string(grid.shape[2]) + " voxels";
}

void check_pair(const Image& image, const LabelMap& reference, const std::string& path) {
  if (image.grid.shape != reference.grid.shape)
    throw InputError(path, "a reference of " + sides(image.grid),
                     "one of " + sides(reference.grid));
  if (!same_grid(image.grid, reference.grid, 1e-3))
    throw InputError(path, "a reference at the place of its image", "another affine");
  check_intensities(image, path);
}

}  // namespace

PackedVolume OwnedVolume::view() const {
  auto result = volume;
  result.labels = labels.data();
  result.image = image.empty() ? nullptr : image.data();
  return result;
}

OwnedVolume pack_label_map(const LabelMap& map, const LabelTable& table, double spacing,
                           const std::string& path) {
  const auto ras = to_ras(has_spacing(map.grid, spacing)
                              ? map
                              : resample_labels(map, isotropic_grid(map.grid, spacing)));
  std::map<std::int32_t, int> row_of;
  std::set<std::int32_t> missing;
  for (const auto value : ras.voxels) {
    if (row_of.count(value) == 1) continue;
    row_of[value] = table.row_of(value);
    if (row_of[value] < 0) missing.insert(value);
  }
  if (!missing.empty())
    throw InputError(path, "only labels of the label table", "also " + listed(missing));
  const auto& shape = ras.grid.shape;
  const auto segmented = box_of(shape, [&](std::size_t offset) {
    const auto row = static_cast<std::size_t>(row_of[ras.voxels[offset]]);
    return table.rows()[row].segmentation_index != 0;
  });
  if (segmented[0][1] == 0)
    throw InputError(path, "a structure that the label table segments", "none");
  const auto around =
      widened(box_of(shape, [&](std::size_t offset) { return ras.voxels[offset] != 0; }), shape);
  OwnedVolume packed;
  packed.volume.name = path;
  place(packed.volume, around, segmented);
  packed.labels = cut<std::uint8_t>(shape, around, [&](std::size_t offset) {
    return static_cast<std::uint8_t>(row_of[ras.voxels[offset]]);
  });
  return packed;
}

OwnedVolume pack_real_image(const Image& image, const LabelMap& reference, const LabelTable& table,
                            double spacing, const std::string& path,
                            std::vector<std::int32_t>& unknown,
                            const std::vector<std::int32_t>& undrawn) {
  check_pair(image, reference, path);
  auto intensities = image;
  auto labels = reference;
  if (!has_spacing(image.grid, spacing)) {
    const auto grid = isotropic_grid(image.grid, spacing);
    intensities = resample_antialiased(image, grid);
    labels = resample_labels(reference, grid);
  }
  intensities = to_ras(intensities);
  labels = to_ras(labels);
  std::map<std::int32_t, std::uint8_t> class_of;
  std::set<std::int32_t> ignored;
  for (const auto value : labels.voxels) {
    if (class_of.count(value) == 1) continue;
    const int row = table.row_of(value);
    if (row < 0) {
      class_of[value] = kIgnoredVoxel;
      ignored.insert(value);
      continue;
    }
    const auto structure = table.rows()[static_cast<std::size_t>(row)].segmentation_index;
    const bool is_drawn = std::find(undrawn.begin(), undrawn.end(), structure) == undrawn.end();
    class_of[value] = static_cast<std::uint8_t>(table.class_of(is_drawn ? structure : 0));
  }
  unknown.assign(ignored.begin(), ignored.end());
  const auto& shape = labels.grid.shape;
  const auto structures = box_of(shape, [&](std::size_t offset) {
    const auto value = class_of[labels.voxels[offset]];
    return value != kIgnoredVoxel && value != 0;
  });
  if (structures[0][1] == 0)
    throw InputError(
        path, "a reference that draws structures which the label table segments",
        "none in common (it has " + listed({labels.voxels.begin(), labels.voxels.end()}) + ")");
  scale_by_percentiles(intensities.voxels);
  const VoxelRanges whole{{{0, shape[0]}, {0, shape[1]}, {0, shape[2]}}};
  OwnedVolume packed;
  packed.volume.name = path;
  place(packed.volume, whole, structures);
  packed.labels = cut<std::uint8_t>(
      shape, whole, [&](std::size_t offset) { return class_of[labels.voxels[offset]]; });
  packed.image =
      cut<float>(shape, whole, [&](std::size_t offset) { return intensities.voxels[offset]; });
  return packed;
}

}  // namespace hypersynth
