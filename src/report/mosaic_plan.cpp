#include "report/mosaic_plan.h"

#include <algorithm>
#include <cmath>

namespace hypersynth {
namespace {

constexpr std::size_t kWindowSamples = 200000;

/// Labelled voxels per index of each voxel axis.
template <typename Label>
SliceCounts count_along_voxel_axes(std::span<const Label> labels, const VoxelView& view) {
  SliceCounts counts;
  for (int axis = 0; axis < 3; ++axis) counts[axis].assign(view.shape[axis], 0);
  if (labels.empty()) return counts;
  const auto ni = static_cast<std::size_t>(view.shape[0]);
  std::vector<std::int32_t> along_i(ni, 0);
  const Label* row = labels.data();
  for (std::int64_t k = 0; k < view.shape[2]; ++k) {
    for (std::int64_t j = 0; j < view.shape[1]; ++j, row += ni) {
      std::int32_t in_row = 0;
      for (std::size_t i = 0; i < ni; ++i) {
        const std::int32_t labelled = row[i] != 0;
        along_i[i] += labelled;
        in_row += labelled;
      }
      counts[1][j] += in_row;
      counts[2][k] += in_row;
    }
  }
  std::copy(along_i.begin(), along_i.end(), counts[0].begin());
  return counts;
}

float percentile(std::vector<float>& values, double fraction) {
  const auto rank = static_cast<std::ptrdiff_t>(fraction * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

struct SampledIntensities {
  std::vector<float> all, labelled;
};

/// Of about kWindowSamples voxels, those that are finite.
SampledIntensities sampled_intensities(const VoxelView& view) {
  const std::size_t n = view.intensities.size();
  // An odd step does not fall into the same column of every row of a grid with even sides.
  const std::size_t step = n / kWindowSamples | 1;
  SampledIntensities found;
  const auto sample = [&](auto labels) {
    for (std::size_t v = 0; v < n; v += step) {
      const float intensity = view.intensities[v];
      if (!std::isfinite(intensity)) continue;
      found.all.push_back(intensity);
      if (!labels.empty() && labels[v] != 0) found.labelled.push_back(intensity);
    }
  };
  std::visit(sample, view.labels);
  return found;
}

Range widened(Range range, double margin_mm, double spacing_mm, std::int64_t length) {
  const auto margin = static_cast<std::int64_t>(std::ceil(margin_mm / spacing_mm));
  return {std::max<std::int64_t>(0, range.first - margin),
          std::min<std::int64_t>(length - 1, range.last + margin)};
}

double extent_mm(Range range, double spacing_mm) {
  return static_cast<double>(range.last - range.first + 1) * spacing_mm;
}

}  // namespace

SliceCounts count_labelled(const VoxelView& view, const RasAxes& axes) {
  const SliceCounts counts =
      std::visit([&](auto labels) { return count_along_voxel_axes(labels, view); }, view.labels);
  SliceCounts ras;
  for (int axis = 0; axis < 3; ++axis) {
    ras[axis] = counts[axes.voxel_axis[axis]];
    if (axes.flipped[axis]) std::reverse(ras[axis].begin(), ras[axis].end());
  }
  return ras;
}

Range slices_with(const std::vector<std::int64_t>& counts, std::int64_t at_least) {
  const auto enough = [&](std::int64_t count) { return count >= at_least; };
  const auto first = std::find_if(counts.begin(), counts.end(), enough);
  if (first == counts.end()) return {0, static_cast<std::int64_t>(counts.size()) - 1};
  const auto last = std::find_if(counts.rbegin(), counts.rend(), enough);
  return {first - counts.begin(), counts.rend() - last - 1};
}

std::vector<std::int64_t> choose_slices(const std::vector<std::int64_t>& counts, int wanted) {
  const std::int64_t fullest = *std::max_element(counts.begin(), counts.end());
  const Range range = slices_with(counts, std::max<std::int64_t>(1, fullest / 20));
  const std::int64_t available = range.last - range.first + 1;
  const std::int64_t n = std::min<std::int64_t>(wanted, available);
  std::vector<std::int64_t> slices;
  for (std::int64_t tile = 0; tile < n; ++tile) {
    // The middle of each of n equal parts.
    slices.push_back(range.first + (2 * tile + 1) * available / (2 * n));
  }
  return slices;
}

std::uint8_t grey_level(float intensity, const GreyWindow& window) {
  const float level = 255 * (intensity - window.black) / (window.white - window.black);
  // A NaN fails the first comparison and is black.
  return level > 0 ? static_cast<std::uint8_t>(std::min(level, 255.f) + 0.5f) : std::uint8_t{0};
}

GreyWindow grey_window(const VoxelView& view) {
  auto [all, labelled] = sampled_intensities(view);
  if (all.empty()) return {};
  const float black = percentile(all, 0.005);
  float white = labelled.empty() ? percentile(all, 0.995) : percentile(labelled, 0.995);
  white += 0.1f * (white - black);
  return white > black ? GreyWindow{black, white} : GreyWindow{black, black + 1};
}

GreyWindow noise_window(const VoxelView& view) {
  auto [all, labelled] = sampled_intensities(view);
  if (all.empty()) return {1, 0};
  const float brightest =
      labelled.empty() ? 0.05f * percentile(all, 0.995) : 1.5f * percentile(labelled, 0.99);
  return {brightest > 0 ? brightest : 1, 0};
}

MosaicPlan plan_mosaic(Plane plane, const RasAxes& axes, const SliceCounts& counts,
                       const MosaicOptions& options) {
  MosaicPlan plan;
  plan.normal = plane == Plane::kAxial ? 2 : plane == Plane::kCoronal ? 1 : 0;
  plan.horizontal = plane == Plane::kSagittal ? 1 : 0;
  plan.vertical = plane == Plane::kAxial ? 1 : 2;
  plan.mirrored = plane != Plane::kSagittal && options.convention == Convention::kRadiological;
  plan.slices = choose_slices(counts[plan.normal], options.columns * options.rows);
  const Range labelled = slices_with(counts[plan.normal], 1);
  plan.middle = static_cast<double>(labelled.first + labelled.last) / 2;
  const auto shown = [&](int axis) {
    return widened(slices_with(counts[axis], 1), options.margin_mm, axes.spacing_mm[axis],
                   axes.shape[axis]);
  };
  plan.horizontal_range = shown(plan.horizontal);
  plan.vertical_range = shown(plan.vertical);
  plan.columns = std::min<int>(options.columns, static_cast<int>(plan.slices.size()));
  plan.rows = (static_cast<int>(plan.slices.size()) + plan.columns - 1) / plan.columns;
  const Range& across = plan.horizontal_range;
  const int usual = options.width_px / options.columns;
  const int most = std::max(usual, options.most_width_px / options.columns);
  const auto every_voxel =
      static_cast<int>(std::min<std::int64_t>(most, across.last - across.first + 1));
  plan.tile_width = std::max({16, usual, every_voxel});
  const double width_mm = extent_mm(plan.horizontal_range, axes.spacing_mm[plan.horizontal]);
  const double height_mm = extent_mm(plan.vertical_range, axes.spacing_mm[plan.vertical]);
  // The limits keep the picture of a very long or flat grid at a size that a browser can show.
  const double height_px = plan.tile_width * height_mm / width_mm;
  plan.tile_height = static_cast<int>(std::lround(std::clamp(height_px, 16., 4000.)));
  plan.footer_height = 2 * options.text_height_px + 4;
  return plan;
}

}  // namespace hypersynth
