#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bids/derivative.h"
#include "engine/inference/segmentation.h"
#include "engine/model/manifest.h"
#include "quality/structure_kind.h"

namespace hypersynth {

// What the structures of a model are in the terms of BIDS, whose table "Common image-derived
// labels" has classes as white matter or brainstem. The class of a structure is the column
// `mapping` of the lookup table (see lookup_table()), its side is in its name.

/// FreeSurfer's spelling of its structures (FreeSurferColorLUT.txt): a table with the columns index
/// and name.
extern const char* const kFreeSurferNames;

/// FreeSurfer's name of a structure that a model calls `name`; empty where FreeSurfer has no such
/// index, or where it means another tissue or side by it.
std::string freesurfer_name(std::int32_t index, const std::string& name);

/// The index in the table of BIDS of FreeSurfer's structure `index`; nothing if that table has no
/// such structure.
std::optional<int> standard_index(std::int32_t index);

/// The same of a structure that a model calls `name`; nothing where freesurfer_name() is empty.
std::optional<int> standard_index(std::int32_t index, const std::string& name);

/// The rows of the table of BIDS that `labels` map to, and the background.
std::vector<bids::LookupRow> standard_lookup_table(const std::vector<ModelLabel>& labels);

/// The names of the labels that the table of BIDS has no class for.
std::vector<std::string> labels_without_class(const std::vector<ModelLabel>& labels);

/// Whether the table of BIDS has a class for every structure.
bool every_class_is_known(const std::vector<LabelVolume>& volumes);

/// The volume of several structures together.
struct VolumeSum {
  std::string name;  ///< "left cerebellum", "white matter"
  double soft_mm3 = 0;
  double hard_mm3 = 0;
};

/// Sums of two structures or more: of each class of BIDS on each side and on both, of the cerebral
/// grey and white matter of each side ("left cerebral hemisphere"), and of all but fluid ("brain
/// parenchyma"). Structures without a class are in none of them, and where there is one, there is
/// no "brain parenchyma", which would be too small.
std::vector<VolumeSum> volume_sums(const std::vector<LabelVolume>& volumes);

/// Soft volume of all structures but fluid divided by that of all structures, which is the
/// intracranial volume. NaN if the class of a structure is not known, or if no structure is the
/// fluid around the brain, without which there is no intracranial volume.
double brain_parenchymal_fraction(const std::vector<LabelVolume>& volumes);

/// The soft volume of the structures of some classes of BIDS, on one side or, with Side::kNone,
/// anywhere.
double volume_of_classes(const std::vector<LabelVolume>& volumes, std::span<const int> classes,
                         Side side = Side::kNone);

// Indices of the table of BIDS.
constexpr int kWhiteMatterClass = 2;
constexpr int kFluidClass = 3;
constexpr int kCorticalGreyClass = 8;
constexpr int kSubcorticalGreyClass = 9;
constexpr int kBrainstemClass = 10;
constexpr int kCerebellumClass = 11;

}  // namespace hypersynth
