#pragma once

#include <string>
#include <vector>

#include "engine/inference/segmentation.h"
#include "image/volume.h"

namespace hypersynth {

/// What the comments of the table name.
struct AsegStatsSource {
  std::string name;    ///< of the image: "sub-01_T1w"
  std::string image;   ///< path of the image in its dataset
  std::string labels;  ///< path of the label map in the output
};

/// The table of structures as FreeSurfer's mri_segstats writes it to aseg.stats, for programs that
/// read that: NVoxels are voxels of the label map, Volume_mm3 is the soft volume, and the columns
/// norm* are statistics of the intensities of `image` as it is stored, not of a normalised one.
/// Structures without a voxel have zeros in all columns but the volume. The lines "# Measure" have
/// those of FreeSurfer's volumes that follow from the labels alone, and the total intracranial
/// volume, which is not FreeSurfer's eTIV.
///
/// Structures have FreeSurfer's names, or their own where freesurfer_name() has none. `labels` has
/// the shape of `image`.
std::string format_aseg_stats(const Image& image, const LabelMap& labels,
                              const std::vector<LabelVolume>& volumes,
                              const AsegStatsSource& source);

}  // namespace hypersynth
