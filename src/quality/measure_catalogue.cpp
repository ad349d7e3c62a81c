#include <algorithm>
#include <iterator>

#include "quality/measure.h"

namespace hypersynth {
namespace {

constexpr const char* kMriqc = "Esteban et al. 2017, doi:10.1371/journal.pone.0184661";
constexpr const char* kGanzetti = "Ganzetti et al. 2016, doi:10.3389/fninf.2016.00010";
constexpr const char* kMagnotta = "Magnotta and Friedman 2006, doi:10.1007/s10278-006-0264-x";
constexpr const char* kDietrich = "Dietrich et al. 2007, doi:10.1002/jmri.20969";
constexpr const char* kAtkinson = "Atkinson et al. 1997, doi:10.1109/42.650886";
constexpr const char* kShehzad = "Shehzad et al. 2015, doi:10.3389/conf.fnins.2015.91.00047";
constexpr const char* kMortamet = "Mortamet et al. 2009, doi:10.1002/mrm.21992";
constexpr const char* kForman = "Forman et al. 1995, doi:10.1002/mrm.1910330508";
constexpr const char* kTustison = "Tustison et al. 2010, doi:10.1109/TMI.2010.2046908";
constexpr const char* kHypersynth = "hypersynth";

struct Region {
  const char* key;
  const char* name;
};
constexpr Region kTissues[] = {
    {"csf", "cerebrospinal fluid"}, {"gm", "grey matter"}, {"wm", "white matter"}};
/// Axes of the world, whatever the order of the voxels in the file.
constexpr Region kAxes[] = {{"x", "left-right"}, {"y", "back-front"}, {"z", "bottom-top"}};

using Catalogue = std::vector<MeasureInfo>;

void add_noise(Catalogue& list) {
  list.push_back({"cjv", "Coefficient of joint variation", "",
                  "Spread of grey and white matter relative to the difference of their medians; "
                  "grows with motion and bias.",
                  Better::kLower, kGanzetti});
  list.push_back({"cnr", "Contrast-to-noise ratio", "",
                  "Difference of the medians of grey and white matter relative to the standard "
                  "deviations of both and of air.",
                  Better::kHigher, kMagnotta});
  for (const auto& tissue : kTissues) {
    list.push_back(
        {std::string("snr_") + tissue.key, std::string("Signal-to-noise ratio, ") + tissue.name, "",
         "Median of the tissue relative to its standard deviation.", Better::kHigher, kMriqc});
  }
  list.push_back({"snr_total", "Signal-to-noise ratio, mean", "",
                  "Mean of the signal-to-noise ratios of the three tissues.", Better::kHigher,
                  kMriqc});
  for (const auto& tissue : kTissues) {
    list.push_back({std::string("snrd_") + tissue.key,
                    std::string("Signal-to-noise ratio against air, ") + tissue.name, "",
                    "Median of the tissue relative to the spread of air, corrected for its "
                    "Rayleigh distribution.",
                    Better::kHigher, kDietrich});
  }
  list.push_back({"snrd_total", "Signal-to-noise ratio against air, mean", "",
                  "Mean of the signal-to-noise ratios against air of the three tissues.",
                  Better::kHigher, kDietrich});
}

void add_artefacts(Catalogue& list) {
  list.push_back({"efc", "Entropy focus criterion", "",
                  "Shannon entropy of the intensities relative to its largest possible value; "
                  "grows with ghosts and blur.",
                  Better::kLower, kAtkinson});
  list.push_back({"fber", "Foreground-background energy ratio", "",
                  "Median energy in the head relative to all that is outside of it, artefacts "
                  "included.",
                  Better::kHigher, kShehzad});
  list.push_back({"wm2max", "White matter to maximum", "",
                  "Median of white matter relative to the 99.95th percentile of the image; usually "
                  "0.6 to 0.8 in T1w, less with bright vessels and fat.",
                  Better::kNeither, kMriqc});
  list.push_back({"qi_1", "Artefacts in air", "",
                  "Share of the air above the brain with intensities that noise doesn't explain.",
                  Better::kLower, kMortamet});
  list.push_back({"qi_2", "Noise of the air, misfit", "",
                  "Mean difference of the densities of the air's intensities and of the "
                  "chi-squared distribution that fits them best, beyond half of their maximum.",
                  Better::kLower, kMortamet});
  list.push_back({"qc_air_signal", "Signal in air", "%",
                  "Range of the mean intensities of cubes of air of 8 mm, farther than 10 mm from "
                  "the head, relative to white matter.",
                  Better::kLower, kHypersynth});
  list.push_back({"inu_med", "Bias field, median", "",
                  "Median over the three tissues of the bias field, which N4 fits to white matter; "
                  "its geometric mean there is 1.",
                  Better::kNeither, kTustison});
  list.push_back({"inu_range", "Bias field, range", "",
                  "Difference of the 95th and 5th percentiles of the bias field over the three "
                  "tissues.",
                  Better::kLower, kTustison});
  for (const auto& axis : kAxes) {
    list.push_back({std::string("fwhm_") + axis.key, std::string("Smoothness, ") + axis.name,
                    "voxels",
                    "Full width at half maximum of the spatial correlation of intensities in the "
                    "brain.",
                    Better::kLower, kForman});
  }
  list.push_back({"fwhm_avg", "Smoothness, mean", "voxels",
                  "Mean over the axes of the full width at half maximum of the spatial "
                  "correlation.",
                  Better::kLower, kForman});
  list.push_back({"qc_fwhm", "Smoothness, mean, in mm", "mm",
                  "Mean over the axes of the full width at half maximum of the spatial "
                  "correlation, in the length that it has in the head.",
                  Better::kLower, kHypersynth});
}

void add_description(Catalogue& list) {
  for (const auto& tissue : kTissues) {
    list.push_back(
        {std::string("icvs_") + tissue.key, std::string("Share of ") + tissue.name, "",
         std::string("Volume of ") + tissue.name + " relative to the three tissues together.",
         Better::kNeither, kMriqc});
  }
  const Region kRegions[] = {{"bg", "air"}, kTissues[0], kTissues[1], kTissues[2]};
  const Region kStatistics[] = {{"mean", "Mean"},
                                {"median", "Median"},
                                {"p05", "Fifth percentile"},
                                {"p95", "Ninety-fifth percentile"},
                                {"mad", "Median absolute deviation"},
                                {"stdv", "Standard deviation"},
                                {"k", "Excess kurtosis"},
                                {"n", "Number of voxels"}};
  for (const auto& region : kRegions) {
    for (const auto& statistic : kStatistics) {
      const std::string key = statistic.key;
      std::string meaning = std::string(statistic.name) + " of the intensities of " + region.name;
      if (key == "mad") meaning += ", divided by 0.6745";
      if (key == "n") meaning = std::string("Voxels of ") + region.name + " that were measured";
      if (key != "n" && key != "k") meaning += ", with the median of white matter scaled to 1000";
      list.push_back({std::string("summary_") + region.key + "_" + key,
                      std::string(statistic.name) + ", " + region.name, key == "n" ? "voxels" : "",
                      meaning + ".", Better::kNeither, kMriqc});
    }
  }
  for (const auto& axis : kAxes) {
    list.push_back({std::string("size_") + axis.key, std::string("Size, ") + axis.name, "voxels",
                    "Number of voxels along the axis.", Better::kNeither, kMriqc});
  }
  for (const auto& axis : kAxes) {
    list.push_back({std::string("spacing_") + axis.key, std::string("Voxel size, ") + axis.name,
                    "mm", "Edge length of a voxel along the axis.", Better::kNeither, kMriqc});
  }
}

void add_segmentation(Catalogue& list) {
  list.push_back({"qc_brain_volume", "Brain volume", "mL",
                  "Volume of grey and white matter, cerebellum and brain stem included.",
                  Better::kNeither, kHypersynth});
  list.push_back({"qc_volume_outliers", "Implausible volumes", "structures",
                  "Number of structures smaller or larger than in healthy adults.", Better::kLower,
                  kHypersynth});
  list.push_back({"qc_missing_structures", "Missing structures", "structures",
                  "Number of structures of the model without a voxel.", Better::kLower,
                  kHypersynth});
  list.push_back({"qc_asymmetry_max", "Largest asymmetry", "%",
                  "Largest difference between left and right relative to the mean of both, over "
                  "the structures of the brain.",
                  Better::kLower, kHypersynth});
  list.push_back({"qc_asymmetry_outliers", "Asymmetric structures", "structures",
                  "Number of structures whose sides differ more than in healthy people.",
                  Better::kLower, kHypersynth});
  list.push_back({"qc_fragmentation_max", "Largest fragmentation", "",
                  "Largest share of a structure's voxels outside its largest connected component.",
                  Better::kLower, kHypersynth});
  list.push_back({"qc_fragmentation_brain", "Fragmentation of the brain", "",
                  "Share of the brain's voxels outside its largest connected component.",
                  Better::kLower, kHypersynth});
  list.push_back({"qc_border_area", "Brain cut by the field of view", "cm2",
                  "Area in which grey and white matter touch the border of the image.",
                  Better::kLower, kHypersynth});
  list.push_back({"qc_cut_area", "Brain cut by zeros", "cm2",
                  "Area in which white matter lies within 3 mm of voxels that were set to zero, as "
                  "where defacing or skull-stripping has cut the brain.",
                  Better::kLower, kHypersynth});
  list.push_back({"qc_confidence_mean", "Mean confidence", "",
                  "Mean over the structures of the posterior of the label that was chosen.",
                  Better::kHigher, kHypersynth});
  list.push_back({"qc_confidence_min", "Smallest confidence", "",
                  "Smallest over the structures of the mean posterior of the label that was "
                  "chosen.",
                  Better::kHigher, kHypersynth});
  list.push_back({"qc_edge_snr", "Contrast at the border of white matter", "",
                  "Step of intensity across the border of grey and white matter relative to the "
                  "standard deviation of neighbouring voxels' differences within them.",
                  Better::kHigher, kHypersynth});
}

/// One for each thing that can go wrong: noise, contrast, motion, ghosts, bias, blur, and a
/// segmentation that is too small or large, lopsided, torn, cut off, unsure or off the image.
constexpr const char* kMain[] = {"cjv",
                                 "cnr",
                                 "snr_total",
                                 "efc",
                                 "qi_1",
                                 "inu_range",
                                 "fwhm_avg",
                                 "qc_brain_volume",
                                 "qc_asymmetry_max",
                                 "qc_fragmentation_max",
                                 "qc_border_area",
                                 "qc_confidence_mean",
                                 "qc_edge_snr"};

/// A family for all names that begin with `prefix`; the first that fits decides.
struct FamilyRule {
  const char* prefix;
  MeasureFamily family;
};
constexpr FamilyRule kFamilies[] = {
    {"cjv", MeasureFamily::kContrast},       {"cnr", MeasureFamily::kContrast},
    {"wm2max", MeasureFamily::kContrast},    {"summary_bg", MeasureFamily::kNoise},
    {"summary_", MeasureFamily::kContrast},  {"qi_2", MeasureFamily::kNoise},
    {"snr", MeasureFamily::kNoise},          {"inu_", MeasureFamily::kBias},
    {"efc", MeasureFamily::kArtefacts},      {"fber", MeasureFamily::kArtefacts},
    {"qi_1", MeasureFamily::kArtefacts},     {"qc_air_signal", MeasureFamily::kArtefacts},
    {"fwhm_", MeasureFamily::kSharpness},    {"qc_fwhm", MeasureFamily::kSharpness},
    {"size_", MeasureFamily::kGeometry},     {"spacing_", MeasureFamily::kGeometry},
    {"icvs_", MeasureFamily::kSegmentation}, {"qc_", MeasureFamily::kSegmentation}};

MeasureFamily family_of(const std::string& name) {
  const auto* const found =
      std::find_if(std::begin(kFamilies), std::end(kFamilies),
                   [&](const FamilyRule& rule) { return name.rfind(rule.prefix, 0) == 0; });
  return found == std::end(kFamilies) ? MeasureFamily::kSegmentation : found->family;
}

bool is_count(const MeasureInfo& info) {
  return info.unit == "structures" || info.name.rfind("size_", 0) == 0 ||
         (info.name.rfind("summary_", 0) == 0 && info.unit == "voxels");
}

Catalogue make_catalogue() {
  Catalogue list;
  add_noise(list);
  add_artefacts(list);
  add_description(list);
  add_segmentation(list);
  for (MeasureInfo& info : list) {
    info.main = std::find(std::begin(kMain), std::end(kMain), info.name) != std::end(kMain);
    info.family = family_of(info.name);
    info.count = is_count(info);
  }
  return list;
}

}  // namespace

const std::vector<MeasureInfo>& measure_catalogue() {
  static const Catalogue kCatalogue = make_catalogue();
  return kCatalogue;
}

const MeasureInfo* find_measure(std::string_view name) {
  const auto& list = measure_catalogue();
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const MeasureInfo& info) { return info.name == name; });
  return found == list.end() ? nullptr : &*found;
}

std::string_view to_string(Better better) {
  switch (better) {
    case Better::kHigher:
      return "higher";
    case Better::kLower:
      return "lower";
    case Better::kNeither:
      break;
  }
  return "neither";
}

std::string_view to_string(MeasureFamily family) {
  switch (family) {
    case MeasureFamily::kNoise:
      return "noise";
    case MeasureFamily::kContrast:
      return "contrast";
    case MeasureFamily::kBias:
      return "bias field";
    case MeasureFamily::kArtefacts:
      return "motion and ghosts";
    case MeasureFamily::kSharpness:
      return "sharpness";
    case MeasureFamily::kSegmentation:
      return "segmentation";
    case MeasureFamily::kGeometry:
      break;
  }
  return "geometry";
}

}  // namespace hypersynth
