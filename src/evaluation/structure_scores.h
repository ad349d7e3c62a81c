#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "image/volume.h"

namespace hypersynth {

/// Which of the two label maps has voxels of a structure.
enum class Presence { kBoth, kReferenceOnly, kSegmentationOnly };

/// How the segmentation of one structure agrees with the reference. Measures that need the
/// structure on both sides are NaN if only one side has it: neither 0 nor 1 would say whether it
/// was missed or never drawn.
struct StructureScore {
  std::int32_t index = 0;  ///< value in the label maps
  Presence presence = Presence::kBoth;
  double reference_mm3 = 0;     ///< number of voxels times their volume
  double segmentation_mm3 = 0;  ///< the same
  /// 2 |R and S| / (|R| + |S|), 0 to 1 (Dice 1945).
  double dice;
  /// The larger of the two directed 95th percentiles of the surface distances, in mm: that of the
  /// distances from the reference's surface to the segmentation's and that of the reverse ones,
  /// each interpolated linearly between the sorted distances (as in MONAI and Metrics Reloaded,
  /// Maier-Hein et al. 2024, doi:10.1038/s41592-023-02151-z).
  double hausdorff95_mm;
  /// Mean of the surface distances of both directions together, in mm (average symmetric surface
  /// distance, Heimann et al. 2009, doi:10.1109/TMI.2009.2013851).
  double mean_surface_distance_mm;
  /// Volume of the segmentation less that of the reference, in mm3 and in percent of the latter.
  double volume_difference_mm3;
  double volume_difference_percent;
  /// 1 - |S - R| / (S + R) of the volumes, 0 to 1 (Taha and Hanbury 2015,
  /// doi:10.1186/s12880-015-0068-x).
  double volumetric_similarity;
};

/// Surface distances of two regions in mm: from the centre of each surface voxel of one to the
/// centre of the nearest surface voxel of the other, sorted. A surface voxel of a region is a voxel
/// of it with a neighbour by face that is not in it; beyond the edge of the image nothing is.
struct SurfaceDistances {
  std::vector<double> from_first_mm;
  std::vector<double> from_second_mm;
};

/// The surface distances of the voxels with the label `index` in two label maps on one grid. Both
/// maps must have such voxels: throws std::invalid_argument otherwise, or if the grids differ.
SurfaceDistances surface_distances(const LabelMap& first, const LabelMap& second,
                                   std::int32_t index);

/// Scores all labels but 0 and `ignored` that either map has, in ascending order. Throws
/// std::invalid_argument if the maps are not on one grid. See distance_map_mm() for what is thrown
/// besides, and for grids whose axes are not orthogonal.
std::vector<StructureScore> score_structures(const LabelMap& segmentation,
                                             const LabelMap& reference,
                                             const std::set<std::int32_t>& ignored = {});

/// Whether the axes of a grid are orthogonal to within 0.06 degrees (a cosine of 0.001): surface
/// distances are lengths along the axes and would be wrong otherwise.
bool has_orthogonal_axes(const Grid& grid);

/// The volumes in mm3 of all labels but 0, in ascending order of the labels.
std::vector<std::pair<std::int32_t, double>> label_volumes_mm3(const LabelMap& labels);

}  // namespace hypersynth
