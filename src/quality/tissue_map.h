#pragma once

#include <cstdint>
#include <vector>

#include "image/volume.h"
#include "quality/structure_kind.h"

namespace hypersynth {

/// A label map in the terms of the measures.
struct TissueMap {
  static constexpr std::uint8_t kPure = 4;  ///< flag in `tissue`: intensities are the tissue's

  std::vector<StructureKind> kinds;  ///< of the structures, as in the table
  std::vector<std::int64_t> voxels;  ///< of each structure
  /// For each voxel the position in the table plus 1; 0: none of the structures, or no tissue.
  std::vector<std::uint16_t> structure;
  /// For each voxel the Tissue, with kPure.
  std::vector<std::uint8_t> tissue;

  /// Voxels of a tissue, whether pure or not.
  std::int64_t voxels_of(Tissue which) const;
};

/// Value of TissueMap::tissue for a tissue.
constexpr std::uint8_t pure(Tissue tissue) {
  return static_cast<std::uint8_t>(static_cast<std::uint8_t>(tissue) | TissueMap::kPure);
}

/// Tissue of a value of TissueMap::tissue.
constexpr Tissue tissue_of(std::uint8_t value) { return static_cast<Tissue>(value & 3); }

/// Throws std::invalid_argument for more than 65534 structures.
TissueMap make_tissue_map(const LabelMap& labels, const std::vector<LabelledStructure>& structures);

}  // namespace hypersynth
