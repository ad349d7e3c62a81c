#include "nodes/tissue_classes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "image/lookup_table.h"
#include "image/structures.h"

namespace hypersynth {

namespace {

/// Rows of "Common image-derived labels" (BIDS specification, imaging derivatives). Grey matter (1)
/// has two finer classes here, and bone, soft tissue, non-brain and lesion (4 to 7) are not
/// segmented.
const std::vector<bids::LookupRow>& standard_table() {
  static const std::vector<bids::LookupRow> table{
      {0, "background", "BG", "#000000", "0"},
      {kWhiteMatterClass, "white matter", "WM", "#f5f5f5", "2"},
      {kFluidClass, "cerebrospinal fluid", "CSF", "#3c3c3c", "3"},
      {kCorticalGreyClass, "cortical grey matter", "CGM", "#cd3e4e", "8"},
      {kSubcorticalGreyClass, "subcortical grey matter", "SGM", "#7abadc", "9"},
      {kBrainstemClass, "brainstem", "BS", "#779fb0", "10"},
      {kCerebellumClass, "cerebellum", "CBM", "#e69422", "11"}};
  return table;
}

/// Whether a structure has one of the classes and is on that side; kNone: on any or none.
bool is_in(const LabelVolume& volume, std::span<const int> classes, Side side) {
  const auto index = standard_index(volume.index, volume.name);
  if (!index || std::find(classes.begin(), classes.end(), *index) == classes.end()) return false;
  return side == Side::kNone || kind_of_structure(volume.name).side == side;
}

/// Adds up volumes, and notes how many they are.
class Sum {
 public:
  explicit Sum(std::string name) : sum_{std::move(name)} {}

  void add(const LabelVolume& volume) {
    sum_.soft_mm3 += volume.soft_mm3;
    sum_.hard_mm3 += volume.hard_mm3;
    ++count_;
  }
  /// A sum of one structure is that structure, which has its own name.
  void append_to(std::vector<VolumeSum>& sums) const {
    if (count_ > 1) sums.push_back(sum_);
  }

 private:
  VolumeSum sum_;
  int count_ = 0;
};

/// FreeSurfer's index of the fluid around the brain.
constexpr std::int32_t kFluidAroundTheBrain = 24;
constexpr std::array kCerebral{kWhiteMatterClass, kCorticalGreyClass, kSubcorticalGreyClass};
constexpr std::array kParenchyma{kWhiteMatterClass, kCorticalGreyClass, kSubcorticalGreyClass,
                                 kBrainstemClass, kCerebellumClass};

}  // namespace

std::string freesurfer_name(std::int32_t index, const std::string& name) {
  static const std::vector<Label> known =
      parse_lookup_table(kFreeSurferNames, "freesurfer_names.tsv");
  for (const auto& label : known) {
    if (label.index != index) continue;
    const StructureKind theirs = kind_of_structure(label.name), ours = kind_of_structure(name);
    return theirs.tissue == ours.tissue && theirs.side == ours.side ? label.name : "";
  }
  return "";
}

std::optional<int> standard_index(std::int32_t index, const std::string& name) {
  return freesurfer_name(index, name).empty() ? std::nullopt : standard_index(index);
}

std::optional<int> standard_index(std::int32_t index) {
  const Structure* const structure = find_structure(index);
  return structure == nullptr ? std::nullopt : std::optional<int>(structure->bids_index);
}

std::vector<bids::LookupRow> standard_lookup_table(const std::vector<ModelLabel>& labels) {
  std::set<int> used{0};
  for (const auto& label : labels) used.insert(standard_index(label.index, label.name).value_or(0));
  std::vector<bids::LookupRow> rows;
  for (const auto& row : standard_table()) {
    if (used.count(row.index) == 1) rows.push_back(row);
  }
  return rows;
}

std::vector<std::string> labels_without_class(const std::vector<ModelLabel>& labels) {
  std::vector<std::string> names;
  for (const auto& label : labels) {
    if (label.index != 0 && !standard_index(label.index, label.name)) names.push_back(label.name);
  }
  return names;
}

bool every_class_is_known(const std::vector<LabelVolume>& volumes) {
  return std::all_of(volumes.begin(), volumes.end(), [](const LabelVolume& volume) {
    return standard_index(volume.index, volume.name).has_value();
  });
}

std::vector<VolumeSum> volume_sums(const std::vector<LabelVolume>& volumes) {
  std::vector<VolumeSum> sums;
  const auto add = [&](const std::string& name, std::span<const int> classes, Side side) {
    Sum sum(name);
    for (const auto& volume : volumes) {
      if (is_in(volume, classes, side)) sum.add(volume);
    }
    sum.append_to(sums);
  };
  for (const auto& [side, name] : {std::pair{Side::kLeft, "left "}, {Side::kRight, "right "}}) {
    for (const auto& row : standard_table())
      if (row.index != 0) add(name + row.name, std::array{row.index}, side);
    add(std::string(name) + "cerebral hemisphere", kCerebral, side);
  }
  for (const auto& row : standard_table())
    if (row.index != 0) add(row.name, std::array{row.index}, Side::kNone);
  if (every_class_is_known(volumes)) add("brain parenchyma", kParenchyma, Side::kNone);
  return sums;
}

double volume_of_classes(const std::vector<LabelVolume>& volumes, std::span<const int> classes,
                         Side side) {
  double sum = 0;
  for (const auto& volume : volumes) {
    if (is_in(volume, classes, side)) sum += volume.soft_mm3;
  }
  return sum;
}

double brain_parenchymal_fraction(const std::vector<LabelVolume>& volumes) {
  const bool has_fluid = std::any_of(volumes.begin(), volumes.end(), [](const auto& volume) {
    return volume.index == kFluidAroundTheBrain;
  });
  if (!has_fluid || !every_class_is_known(volumes)) return std::numeric_limits<double>::quiet_NaN();
  double all = 0;
  for (const auto& volume : volumes) all += volume.soft_mm3;
  return volume_of_classes(volumes, kParenchyma) / all;
}

}  // namespace hypersynth
