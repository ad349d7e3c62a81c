#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace hypersynth {

/// A structure of the segmentation.
struct LabelledStructure {
  std::int32_t label = 0;  ///< value in the label map
  std::string name;        ///< "left hippocampus" or "Left-Hippocampus"
  /// Mean of the structure's posterior over the voxels that carry its label, [0,1]; NaN: not known.
  double mean_posterior = std::numeric_limits<double>::quiet_NaN();
};

enum class Tissue : std::uint8_t { kNone, kCsf, kGreyMatter, kWhiteMatter };

enum class Side : std::uint8_t { kNone, kLeft, kRight };

/// What the name of a structure says about it.
struct StructureKind {
  Tissue tissue = Tissue::kNone;
  /// Its intensities are those of the tissue. Not so where tissues mix (thalamus, pallidum, brain
  /// stem, ventral diencephalon): these count in volumes alone.
  bool pure = false;
  /// Healthy brains may have it in pieces or not at all: lesions, hypointensities, the fifth
  /// ventricle.
  bool variable = false;
  Side side = Side::kNone;
  std::string stem;  ///< the name in lower case without side and separators: "hippocampus"

  /// Grey or white matter.
  bool is_brain() const { return tissue >= Tissue::kGreyMatter; }
};

/// Kind of the structure called `name`, in FreeSurfer's spelling or in plain words; tissue kNone
/// for background, vessels and names that aren't known.
StructureKind kind_of_structure(std::string_view name);

}  // namespace hypersynth
