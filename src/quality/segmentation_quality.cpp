#include "quality/segmentation_quality.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/number_text.h"
#include "image/connected_components.h"
#include "image/largest_component_itk.h"
#include "quality/measurements.h"

namespace hypersynth {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kSmallStructureMl = 1;
constexpr double kCutDistanceMm = 3;
constexpr double kMostGreyNearZeros = 0.2;

using Measures = std::vector<MeasureValue>;

/// A label map with its volumes; positions are those of the table of structures.
struct Segmentation {
  const QualityInput& input;
  const TissueMap& map;
  double voxel_ml;

  std::size_t size() const { return map.kinds.size(); }
  double ml(std::size_t i) const { return static_cast<double>(map.voxels[i]) * voxel_ml; }
  const std::string& name(std::size_t i) const { return input.structures[i].name; }
};

/// Things found, counted and named.
struct Findings {
  int count = 0;
  std::string names;

  void add(const std::string& finding) {
    ++count;
    if (!names.empty()) names += ", ";
    names += finding;
  }
};

void add_findings(Measures& measures, std::string name, const Findings& findings) {
  add_measure(measures, std::move(name), findings.count, findings.names);
}

Findings implausible_volumes(const Segmentation& segmentation,
                             const std::vector<PlausibleVolume>& limits) {
  Findings findings;
  for (std::size_t i = 0; i < segmentation.size(); ++i) {
    const double ml = segmentation.ml(i);
    const StructureKind& kind = segmentation.map.kinds[i];
    const auto limit = std::find_if(limits.begin(), limits.end(), [&](const auto& candidate) {
      return kind.stem == candidate.stem;
    });
    if (limit == limits.end() || ml == 0) continue;
    const double sides = limit->of_one_side && kind.side == Side::kNone ? 2 : 1;
    const double low = sides * limit->low_ml;
    const double high = sides * limit->high_ml;
    if (ml >= low && ml <= high) continue;
    findings.add(segmentation.name(i) + " " + significant_digits(ml, 3) + " mL (" +
                 significant_digits(low, 3) + " to " + significant_digits(high, 3) + ")");
  }
  return findings;
}

Findings missing_structures(const Segmentation& segmentation) {
  Findings findings;
  for (std::size_t i = 0; i < segmentation.size(); ++i) {
    const StructureKind& kind = segmentation.map.kinds[i];
    if (kind.tissue != Tissue::kNone && !kind.variable && segmentation.map.voxels[i] == 0)
      findings.add(segmentation.name(i));
  }
  return findings;
}

void add_volumes(const Segmentation& segmentation, const QualityOptions& options,
                 Measures& measures) {
  const auto voxels = segmentation.map.voxels_of(Tissue::kGreyMatter) +
                      segmentation.map.voxels_of(Tissue::kWhiteMatter);
  add_measure(measures, "qc_brain_volume", static_cast<double>(voxels) * segmentation.voxel_ml);
  add_findings(measures, "qc_volume_outliers",
               implausible_volumes(segmentation, options.plausible_volumes));
  add_findings(measures, "qc_missing_structures", missing_structures(segmentation));
}

/// Position of the other side's structure; the number of structures where there is none.
std::size_t other_side(const Segmentation& segmentation, std::size_t i) {
  const auto& kinds = segmentation.map.kinds;
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const StructureKind& kind) {
    return kind.side == Side::kRight && kind.stem == kinds[i].stem;
  });
  return static_cast<std::size_t>(found - kinds.begin());
}

void add_asymmetry(const Segmentation& segmentation, const QualityOptions& options,
                   Measures& measures) {
  double largest = kNan;
  std::string where = "no structure was segmented on both sides";
  Findings outliers;
  for (std::size_t left = 0; left < segmentation.size(); ++left) {
    const StructureKind& kind = segmentation.map.kinds[left];
    if (!kind.is_brain() || kind.side != Side::kLeft) continue;
    const std::size_t right = other_side(segmentation, left);
    if (right == segmentation.size()) continue;
    const double mean = (segmentation.ml(left) + segmentation.ml(right)) / 2;
    if (mean == 0) continue;
    const double percent = 100 * std::abs(segmentation.ml(left) - segmentation.ml(right)) / mean;
    const std::string& larger = segmentation.name(
        segmentation.map.voxels[left] > segmentation.map.voxels[right] ? left : right);
    if (!(percent <= largest)) {
      largest = percent;
      where = larger;
    }
    const double limit = mean < kSmallStructureMl ? options.max_small_asymmetry_percent
                                                  : options.max_asymmetry_percent;
    if (percent > limit)
      outliers.add(larger + " larger by " + significant_digits(percent, 3) + " %");
  }
  add_measure(measures, "qc_asymmetry_max", largest, where);
  add_findings(measures, "qc_asymmetry_outliers", outliers);
}

/// Share of the voxels with a tissue outside their largest connected piece.
double brain_fragmentation(const TissueMap& map, const Grid& grid) {
  Mask brain(grid);
  for (std::size_t i = 0; i < brain.voxels.size(); ++i) brain.voxels[i] = map.tissue[i] != 0;
  const auto count = [&] {
    return static_cast<double>(std::count(brain.voxels.begin(), brain.voxels.end(), 1));
  };
  const double all = count();
  if (all == 0) return kNan;
  keep_largest_piece(brain);
  return 1 - count() / all;
}

void add_fragmentation(const Segmentation& segmentation, Measures& measures) {
  const TissueMap& map = segmentation.map;
  const Grid& grid = segmentation.input.labels.grid;
  const Components components = find_components(map.structure, grid.shape);
  const auto largest = components.largest(static_cast<std::uint16_t>(segmentation.size()));
  double worst = kNan;
  std::string where = "no brain was segmented";
  for (std::size_t i = 0; i < segmentation.size(); ++i) {
    if (!map.kinds[i].is_brain() || map.kinds[i].variable || map.voxels[i] == 0) continue;
    const auto kept = components.sizes[static_cast<std::size_t>(largest[i + 1])];
    const double share = 1 - static_cast<double>(kept) / static_cast<double>(map.voxels[i]);
    if (share <= worst) continue;
    worst = share;
    where = segmentation.name(i);
  }
  add_measure(measures, "qc_fragmentation_max", worst, where);
  add_measure(measures, "qc_fragmentation_brain", brain_fragmentation(map, grid),
              components.runs.empty() ? "no tissue was segmented" : "");
}

/// Area in mm2 of the faces of grey and white matter that lie on the border of the image.
double border_area_mm2(const TissueMap& map, const Grid& grid) {
  const auto spacing = spacing_mm(grid);
  double area = 0;
  std::size_t stride = 1;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto count = static_cast<std::size_t>(grid.shape[axis]);
    const double face = voxel_volume_mm3(grid) / spacing[axis];
    for (std::size_t begin = 0; begin < map.tissue.size(); begin += stride * count) {
      for (std::size_t i = 0; i < stride; ++i) {
        const std::size_t last = begin + i + (count - 1) * stride;
        for (const std::size_t offset : {begin + i, last})
          area += tissue_of(map.tissue[offset]) >= Tissue::kGreyMatter ? face : 0;
      }
    }
    stride *= count;
  }
  return area;
}

/// Voxels that were set to zero, and how near they are: in a box of 3 mm, or one voxel, to all
/// sides.
class NearbyZeros {
 public:
  NearbyZeros(const MaskVoxels& zero_filled, const Grid& grid)
      : zeros_(zero_filled), shape_(grid.shape), spacing_mm_(spacing_mm(grid)), near_(zero_filled) {
    for (std::size_t axis = 0; axis < 3; ++axis)
      radius_[axis] =
          std::max(1, static_cast<int>(std::lround(kCutDistanceMm / spacing_mm_[axis])));
    dilate_box(near_, shape_, radius_);
  }

  bool reach(std::size_t voxel) const { return near_[voxel] != 0 && zeros_[voxel] == 0; }

  /// How far, in mm, the box reaches across a flat border of the zeros beside `voxel`, which they
  /// reach: half the width of the box along the border's normal, which points from the voxel to the
  /// middle of the zeros in its own box.
  double reach_mm(std::size_t voxel) const {
    const auto at = position_of(voxel);
    std::array<double, 3> sum{};
    std::array<std::int64_t, 3> low{};
    std::array<std::int64_t, 3> high{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      low[axis] = std::max<std::int64_t>(0, at[axis] - radius_[axis]);
      high[axis] = std::min(shape_[axis] - 1, at[axis] + radius_[axis]);
    }
    for (std::int64_t k = low[2]; k <= high[2]; ++k) {
      for (std::int64_t j = low[1]; j <= high[1]; ++j) {
        for (std::int64_t i = low[0]; i <= high[0]; ++i) {
          if (zeros_[static_cast<std::size_t>((k * shape_[1] + j) * shape_[0] + i)] == 0) continue;
          const std::array<std::int64_t, 3> zero{i, j, k};
          for (std::size_t axis = 0; axis < 3; ++axis)
            sum[axis] += static_cast<double>(zero[axis] - at[axis]) * spacing_mm_[axis];
        }
      }
    }
    const double length = std::hypot(sum[0], sum[1], sum[2]);
    if (length == 0) return kCutDistanceMm;  // zeros on all sides
    double reach = 0;
    for (std::size_t axis = 0; axis < 3; ++axis)
      reach += std::abs(sum[axis]) / length * radius_[axis] * spacing_mm_[axis];
    return reach;
  }

 private:
  std::array<std::int64_t, 3> position_of(std::size_t voxel) const {
    const auto v = static_cast<std::int64_t>(voxel);
    return {v % shape_[0], v / shape_[0] % shape_[1], v / (shape_[0] * shape_[1])};
  }

  const MaskVoxels& zeros_;
  std::array<std::int64_t, 3> shape_;
  std::array<double, 3> spacing_mm_;
  std::array<int, 3> radius_{};
  MaskVoxels near_;
};

/// Area in which pure white matter is near voxels that were set to zero: the volume that is, over
/// the distance. Where the brain is whole, cortex lies between them; the brain stem, which ends in
/// them, isn't pure. Not of skull-stripped images, whose cortex is near zeros everywhere.
void add_cut_area(const TissueMap& map, const MaskVoxels& zero_filled, const Grid& grid,
                  Measures& measures) {
  const NearbyZeros zeros(zero_filled, grid);
  double grey = 0;
  double all_grey = 0;
  for (std::size_t v = 0; v < zero_filled.size(); ++v) {
    if (map.tissue[v] != pure(Tissue::kGreyMatter)) continue;
    grey += zeros.reach(v) ? 1 : 0;
    ++all_grey;
  }
  if (grey > kMostGreyNearZeros * all_grey) {
    add_measure(measures, "qc_cut_area", kNan,
                "the skull was stripped: there are zeros all around the brain");
    return;
  }
  double per_mm = 0;
  for (std::size_t v = 0; v < zero_filled.size(); ++v) {
    if (map.tissue[v] == pure(Tissue::kWhiteMatter) && zeros.reach(v))
      per_mm += 1 / zeros.reach_mm(v);
  }
  add_measure(measures, "qc_cut_area", per_mm * voxel_volume_mm3(grid) / 100);
}

void add_confidence(const Segmentation& segmentation, Measures& measures) {
  double sum = 0;
  double n = 0;
  double smallest = kNan;
  std::string where = "posteriors aren't known";
  for (std::size_t i = 0; i < segmentation.size(); ++i) {
    const double posterior = segmentation.input.structures[i].mean_posterior;
    if (segmentation.map.kinds[i].tissue == Tissue::kNone || segmentation.map.voxels[i] == 0 ||
        std::isnan(posterior))
      continue;
    sum += posterior;
    ++n;
    if (posterior >= smallest) continue;
    smallest = posterior;
    where = segmentation.name(i);
  }
  add_measure(measures, "qc_confidence_mean", sum / n, n == 0 ? where : "");
  add_measure(measures, "qc_confidence_min", smallest, where);
}

}  // namespace

void add_segmentation_measures(const QualityInput& input, const TissueMap& map,
                               const MaskVoxels& zero_filled,
                               const DifferenceStatistics& differences,
                               const QualityOptions& options, Measures& measures) {
  const Grid& grid = input.labels.grid;
  const Segmentation segmentation{input, map, voxel_volume_mm3(grid) / 1000};
  add_volumes(segmentation, options, measures);
  add_asymmetry(segmentation, options, measures);
  add_fragmentation(segmentation, measures);
  add_measure(measures, "qc_border_area", border_area_mm2(map, grid) / 100);
  add_cut_area(map, zero_filled, grid, measures);
  add_confidence(segmentation, measures);
  const bool has_edge = differences.edge.n > 0 && differences.within.n > 0;
  add_measure(measures, "qc_edge_snr",
              std::abs(differences.edge.mean()) / std::sqrt(differences.within.variance()),
              has_edge ? "" : "grey and white matter don't touch");
}

}  // namespace hypersynth
