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
    const auto limit = std::find_if(limits.begin(), limits.end(), [&](const auto& candidate) {
      return segmentation.map.kinds[i].stem.rfind(candidate.stem, 0) == 0;
    });
    if (limit == limits.end() || ml == 0 || (ml >= limit->low_ml && ml <= limit->high_ml)) continue;
    findings.add(segmentation.name(i) + " " + significant_digits(ml, 3) + " mL (" +
                 significant_digits(limit->low_ml, 3) + " to " +
                 significant_digits(limit->high_ml, 3) + ")");
  }
  return findings;
}

Findings missing_structures(const Segmentation& segmentation) {
  Findings findings;
  for (std::size_t i = 0; i < segmentation.size(); ++i) {
    if (segmentation.map.kinds[i].tissue != Tissue::kNone && segmentation.map.voxels[i] == 0)
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
    if (!map.kinds[i].is_brain() || map.voxels[i] == 0) continue;
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

/// Area in which pure white matter is near voxels that were set to zero: the volume that is, over
/// the distance. Where the brain is whole, cortex lies between them; the brain stem, which ends in
/// them, isn't pure. Not of skull-stripped images, whose cortex is near zeros everywhere.
void add_cut_area(const TissueMap& map, const MaskVoxels& zero_filled, const Grid& grid,
                  Measures& measures) {
  const auto spacing = spacing_mm(grid);
  std::array<int, 3> radius{};
  for (std::size_t axis = 0; axis < 3; ++axis)
    radius[axis] = std::max(1, static_cast<int>(std::lround(kCutDistanceMm / spacing[axis])));
  MaskVoxels near = zero_filled;
  dilate_box(near, grid.shape, radius);
  double white = 0;
  double grey = 0;
  double all_grey = 0;
  for (std::size_t v = 0; v < near.size(); ++v) {
    const bool is_near = near[v] != 0 && zero_filled[v] == 0;
    if (map.tissue[v] == pure(Tissue::kWhiteMatter)) white += is_near ? 1 : 0;
    if (map.tissue[v] != pure(Tissue::kGreyMatter)) continue;
    grey += is_near ? 1 : 0;
    ++all_grey;
  }
  const bool is_stripped = grey > kMostGreyNearZeros * all_grey;
  const double area_cm2 = white * voxel_volume_mm3(grid) / kCutDistanceMm / 100;
  add_measure(measures, "qc_cut_area", is_stripped ? kNan : area_cm2,
              is_stripped ? "the skull was stripped: there are zeros all around the brain" : "");
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
