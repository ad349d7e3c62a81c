#include "nodes/aseg_stats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <unordered_map>

#include "core/error.h"
#include "core/number_text.h"
#include "core/version.h"
#include "nodes/tissue_classes.h"

namespace hypersynth {

namespace {

/// Statistics of the intensities of a structure (Welford's way: one pass, without cancellation).
struct Intensities {
  std::int64_t count = 0;
  double mean = 0;
  double squares = 0;  ///< sum of squared deviations from the mean
  double least = 0;
  double most = 0;

  void add(double value) {
    least = count == 0 ? value : std::min(least, value);
    most = count == 0 ? value : std::max(most, value);
    ++count;
    const double off = value - mean;
    mean += off / static_cast<double>(count);
    squares += off * (value - mean);
  }
  double deviation() const {
    return count > 1 ? std::sqrt(squares / static_cast<double>(count - 1)) : 0;
  }
};

std::unordered_map<std::int32_t, Intensities> intensities_of(const Image& image,
                                                             const LabelMap& labels) {
  std::unordered_map<std::int32_t, Intensities> found;
  for (std::size_t v = 0; v < labels.voxels.size(); ++v) {
    if (labels.voxels[v] != 0) found[labels.voxels[v]].add(static_cast<double>(image.voxels[v]));
  }
  return found;
}

/// The table is cut at white space.
std::string one_word(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return std::isspace(c) != 0; }, '-');
  return text;
}

std::string name_of(const LabelVolume& volume) {
  const std::string known = freesurfer_name(volume.index, volume.name);
  return known.empty() ? one_word(volume.name) : known;
}

std::string padded(const std::string& text, std::size_t width, bool left = false) {
  const std::string space(width > text.size() ? width - text.size() : 0, ' ');
  return left ? text + space : space + text;
}

std::string measure(const std::string& name, const std::string& what, double mm3) {
  return "# Measure " + name + ", " + name + "Vol, " + what + ", " + decimal_places(mm3, 6) +
         ", mm^3\n";
}

/// Cortex and cerebral white matter: of each side, and of both.
std::string measures_by_side(const std::vector<LabelVolume>& volumes, int tissue_class,
                             const std::string& name, const std::string& what) {
  const std::array classes{tissue_class};
  return measure("lh" + name, "Left hemisphere " + what,
                 volume_of_classes(volumes, classes, Side::kLeft)) +
         measure("rh" + name, "Right hemisphere " + what,
                 volume_of_classes(volumes, classes, Side::kRight)) +
         measure(name, "Total " + what, volume_of_classes(volumes, classes));
}

std::string measures_of(const std::vector<LabelVolume>& volumes) {
  constexpr std::array kSupratentorial{kWhiteMatterClass, kCorticalGreyClass,
                                       kSubcorticalGreyClass};
  constexpr std::array kNotVentricles{kWhiteMatterClass, kCorticalGreyClass, kSubcorticalGreyClass,
                                      kCerebellumClass};
  constexpr std::array kSubcortical{kSubcorticalGreyClass};
  double all = 0;
  for (const auto& volume : volumes) all += volume.soft_mm3;
  const std::string total =
      measure("TotalIntracranial", "Total intracranial volume as sum of all labels", all);
  if (!every_class_is_known(volumes)) return total;
  return "# Measure BrainSegNotVent, BrainSegVolNotVent, Brain Segmentation Volume Without "
         "Ventricles, " +
         decimal_places(volume_of_classes(volumes, kNotVentricles), 6) + ", mm^3\n" +
         measures_by_side(volumes, kCorticalGreyClass, "Cortex", "cortical gray matter volume") +
         measures_by_side(volumes, kWhiteMatterClass, "CerebralWhiteMatter",
                          "cerebral white matter volume") +
         measure("SubCortGray", "Subcortical gray matter volume",
                 volume_of_classes(volumes, kSubcortical)) +
         "# Measure SupraTentorialNotVent, SupraTentorialVolNotVent, Supratentorial volume, " +
         decimal_places(volume_of_classes(volumes, kSupratentorial), 6) + ", mm^3\n" + total;
}

struct Column {
  const char* name;
  const char* field;
  const char* unit;
};

constexpr std::array kColumns{Column{"Index", "Index", "NA"},
                              Column{"SegId", "Segmentation Id", "NA"},
                              Column{"NVoxels", "Number of Voxels", "unitless"},
                              Column{"Volume_mm3", "Volume", "mm^3"},
                              Column{"StructName", "Structure Name", "NA"},
                              Column{"normMean", "Intensity normMean", "unknown"},
                              Column{"normStdDev", "Intensity normStdDev", "unknown"},
                              Column{"normMin", "Intensity normMin", "unknown"},
                              Column{"normMax", "Intensity normMax", "unknown"},
                              Column{"normRange", "Intensity normRange", "unknown"}};

std::string column_comments() {
  std::string text = "# NTableCols " + std::to_string(kColumns.size()) + "\n";
  std::string names;
  for (std::size_t n = 0; n < kColumns.size(); ++n) {
    const std::string begin = "# TableCol " + padded(std::to_string(n + 1), 2) + " ";
    text += begin + "ColHeader " + kColumns[n].name + "\n" + begin + "FieldName " +
            kColumns[n].field + "\n" + begin + "Units     " + kColumns[n].unit + "\n";
    names.append(" ").append(kColumns[n].name);
  }
  return text + "# ColHeaders " + names + "\n";
}

std::string row(std::size_t number, const LabelVolume& volume, const Intensities& found) {
  std::string text =
      padded(std::to_string(number), 3) + " " + padded(std::to_string(volume.index), 5) + " " +
      padded(std::to_string(found.count), 9) + " " +
      padded(decimal_places(volume.soft_mm3, 1), 11) + "  " + padded(name_of(volume), 30, true);
  for (const double value :
       {found.mean, found.deviation(), found.least, found.most, found.most - found.least})
    text += " " + padded(decimal_places(value, 4), 12);
  return text + "\n";
}

}  // namespace

std::string format_aseg_stats(const Image& image, const LabelMap& labels,
                              const std::vector<LabelVolume>& volumes,
                              const AsegStatsSource& source) {
  const auto intensities = intensities_of(image, labels);
  std::string text =
      "# Title Segmentation Statistics\n"
      "#\n"
      "# generating_program hypersynth\n"
      "# cvs_version " +
      std::string(version()) +
      "\n"
      "# anatomy_type volume\n"
      "# subjectname " +
      one_word(source.name) +
      "\n"
      "# Volume_mm3 is the sum of posteriors; the intensities norm* are those of InVolFile as "
      "stored\n"
      "# eTIV is not estimated: that takes a registration to an atlas\n" +
      measures_of(volumes) + "# SegVolFile " + printable(source.labels) + "\n# InVolFile " +
      printable(source.image) +
      "\n"
      "# InVolFrame 0\n"
      "# VoxelVolume_mm3 " +
      significant_digits(voxel_volume_mm3(labels.grid), 6) + "\n# NRows " +
      std::to_string(volumes.size()) + "\n" + column_comments();
  for (std::size_t n = 0; n < volumes.size(); ++n) {
    const auto found = intensities.find(volumes[n].index);
    text += row(n + 1, volumes[n], found == intensities.end() ? Intensities{} : found->second);
  }
  return text;
}

}  // namespace hypersynth
