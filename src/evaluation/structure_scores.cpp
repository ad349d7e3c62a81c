#include "evaluation/structure_scores.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <stdexcept>

#include "core/quantile.h"
#include "evaluation/distance_map.h"

namespace hypersynth {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kMaxCosine = 1e-3;

/// First and last voxel along each axis.
struct Box {
  std::array<std::int64_t, 3> first{std::numeric_limits<std::int64_t>::max(),
                                    std::numeric_limits<std::int64_t>::max(),
                                    std::numeric_limits<std::int64_t>::max()};
  std::array<std::int64_t, 3> last{-1, -1, -1};

  void add(std::int64_t i, std::int64_t j, std::int64_t k) {
    first = {std::min(first[0], i), std::min(first[1], j), std::min(first[2], k)};
    last = {std::max(last[0], i), std::max(last[1], j), std::max(last[2], k)};
  }
};

/// What one pass over two label maps tells about a label.
struct Count {
  std::int64_t first = 0, second = 0, both = 0;
  Box box;  ///< around its voxels in either map
};

std::map<std::int32_t, Count> count_labels(const LabelMap& first, const LabelMap& second) {
  if (!same_grid(first.grid, second.grid, 1e-3))
    throw std::invalid_argument("the label maps are not on one grid");
  std::map<std::int32_t, Count> counts;
  // Labels come in runs along a row.
  std::int32_t label_a = 0, label_b = 0;
  Count *a = nullptr, *b = nullptr;
  std::size_t voxel = 0;
  const auto& shape = first.grid.shape;
  for (std::int64_t k = 0; k < shape[2]; ++k) {
    for (std::int64_t j = 0; j < shape[1]; ++j) {
      for (std::int64_t i = 0; i < shape[0]; ++i, ++voxel) {
        const std::int32_t in_a = first.voxels[voxel], in_b = second.voxels[voxel];
        if (in_a == 0 && in_b == 0) continue;
        if (in_a != label_a) a = &counts[label_a = in_a];
        if (in_b != label_b) b = &counts[label_b = in_b];
        if (in_a != 0) ++a->first, a->box.add(i, j, k);
        if (in_b != 0) ++b->second, b->box.add(i, j, k);
        if (in_a == in_b) ++a->both;
      }
    }
  }
  counts.erase(0);
  return counts;
}

/// The voxels of a label in a box of a label map, with a margin of one voxel around them.
Mask cut(const LabelMap& labels, std::int32_t index, const Box& box) {
  Mask mask;
  mask.grid = labels.grid;
  for (std::size_t axis = 0; axis < 3; ++axis)
    mask.grid.shape[axis] = box.last[axis] - box.first[axis] + 3;
  mask.voxels.assign(static_cast<std::size_t>(mask.grid.voxel_count()), 0);
  for (std::int64_t k = box.first[2]; k <= box.last[2]; ++k) {
    for (std::int64_t j = box.first[1]; j <= box.last[1]; ++j) {
      const std::size_t from = labels.offset(box.first[0], j, k);
      const std::size_t to = mask.offset(1, j - box.first[1] + 1, k - box.first[2] + 1);
      const auto count = static_cast<std::size_t>(box.last[0] - box.first[0] + 1);
      for (std::size_t i = 0; i < count; ++i)
        mask.voxels[to + i] = labels.voxels[from + i] == index ? 1 : 0;
    }
  }
  return mask;
}

/// Its voxels with a neighbour by face that is not in it. Those at its edge are not in it: cut()
/// leaves a margin.
std::vector<std::size_t> surface_of(const Mask& region) {
  const auto& shape = region.grid.shape;
  const auto row = static_cast<std::size_t>(shape[0]);
  const auto slice = row * static_cast<std::size_t>(shape[1]);
  std::vector<std::size_t> surface;
  for (std::size_t v = slice; v + slice < region.voxels.size(); ++v) {
    const std::uint8_t* const at = region.voxels.data() + v;
    const bool is_inside =
        *(at - 1) && at[1] && *(at - row) && at[row] && *(at - slice) && at[slice];
    if (*at != 0 && !is_inside) surface.push_back(v);
  }
  return surface;
}

/// Distances from the voxels `from` to the nearest of the voxels `to`, sorted.
std::vector<double> distances(const std::vector<std::size_t>& from,
                              const std::vector<std::size_t>& to, const Grid& grid) {
  Mask marked(grid);
  for (const std::size_t voxel : to) marked.voxels[voxel] = 1;
  const auto map = distance_map_mm(marked);
  std::vector<double> found;
  found.reserve(from.size());
  for (const std::size_t voxel : from) found.push_back(map[voxel]);
  std::sort(found.begin(), found.end());
  return found;
}

SurfaceDistances distances_in(const LabelMap& first, const LabelMap& second, std::int32_t index,
                              const Box& box) {
  const Mask a = cut(first, index, box);
  const Mask b = cut(second, index, box);
  const auto surface_a = surface_of(a), surface_b = surface_of(b);
  return {distances(surface_a, surface_b, a.grid), distances(surface_b, surface_a, a.grid)};
}

double mean_of_both(const SurfaceDistances& surfaces) {
  const auto sum = [](const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
  };
  return (sum(surfaces.from_first_mm) + sum(surfaces.from_second_mm)) /
         static_cast<double>(surfaces.from_first_mm.size() + surfaces.from_second_mm.size());
}

StructureScore without_measures(std::int32_t index) {
  StructureScore score{};
  score.index = index;
  score.dice = score.hausdorff95_mm = score.mean_surface_distance_mm = kNaN;
  score.volume_difference_mm3 = score.volume_difference_percent = kNaN;
  score.volumetric_similarity = kNaN;
  return score;
}

}  // namespace

SurfaceDistances surface_distances(const LabelMap& first, const LabelMap& second,
                                   std::int32_t index) {
  const auto counts = count_labels(first, second);
  const auto found = counts.find(index);
  if (found == counts.end() || found->second.first == 0 || found->second.second == 0) {
    throw std::invalid_argument("label " + std::to_string(index) + " is not in both label maps");
  }
  return distances_in(first, second, index, found->second.box);
}

std::vector<StructureScore> score_structures(const LabelMap& segmentation,
                                             const LabelMap& reference,
                                             const std::set<std::int32_t>& ignored) {
  const double voxel_mm3 = voxel_volume_mm3(reference.grid);
  std::vector<StructureScore> scores;
  for (const auto& [index, count] : count_labels(segmentation, reference)) {
    if (ignored.count(index) == 1) continue;
    StructureScore score = without_measures(index);
    const auto s = static_cast<double>(count.first), r = static_cast<double>(count.second);
    score.segmentation_mm3 = s * voxel_mm3;
    score.reference_mm3 = r * voxel_mm3;
    if (count.first == 0 || count.second == 0) {
      score.presence = count.first == 0 ? Presence::kReferenceOnly : Presence::kSegmentationOnly;
      scores.push_back(score);
      continue;
    }
    score.dice = 2 * static_cast<double>(count.both) / (s + r);
    score.volume_difference_mm3 = (s - r) * voxel_mm3;
    score.volume_difference_percent = 100 * (s - r) / r;
    score.volumetric_similarity = 1 - std::abs(s - r) / (s + r);
    const auto surfaces = distances_in(segmentation, reference, index, count.box);
    score.hausdorff95_mm = std::max(quantile_of_sorted(surfaces.from_first_mm, 0.95),
                                    quantile_of_sorted(surfaces.from_second_mm, 0.95));
    score.mean_surface_distance_mm = mean_of_both(surfaces);
    scores.push_back(score);
  }
  return scores;
}

bool has_orthogonal_axes(const Grid& grid) {
  const auto& m = grid.world_from_voxel;
  const auto spacing = spacing_mm(grid);
  for (const auto& [a, b] : {std::pair{0U, 1U}, std::pair{0U, 2U}, std::pair{1U, 2U}}) {
    double product = 0;
    for (std::size_t row = 0; row < 3; ++row) product += m[row][a] * m[row][b];
    if (std::abs(product) > kMaxCosine * spacing[a] * spacing[b]) return false;
  }
  return true;
}

std::vector<std::pair<std::int32_t, double>> label_volumes_mm3(const LabelMap& labels) {
  std::map<std::int32_t, std::int64_t> counts;
  std::int32_t label = 0;
  std::int64_t* count = nullptr;
  for (const std::int32_t here : labels.voxels) {
    if (here == 0) continue;
    if (here != label) count = &counts[label = here];
    ++*count;
  }
  std::vector<std::pair<std::int32_t, double>> volumes;
  for (const auto& [index, voxels] : counts)
    volumes.emplace_back(index, static_cast<double>(voxels) * voxel_volume_mm3(labels.grid));
  return volumes;
}

}  // namespace hypersynth
