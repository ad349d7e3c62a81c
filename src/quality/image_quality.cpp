#include "quality/image_quality.h"

#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "image/orientation.h"
#include "quality/air.h"
#include "quality/bias_field.h"
#include "quality/distribution.h"
#include "quality/measurements.h"
#include "quality/noise_fit.h"
#include "quality/ranked_values.h"

namespace hypersynth {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// White matter's median after scaling, as MRIQC does, so that summaries of images compare.
constexpr double kWhiteMatterMedian = 1000;

/// sqrt(2 / (4 - pi)): from the standard deviation of a Rayleigh distribution to that of the
/// Gaussian noise before the magnitude was taken (Dietrich et al. 2007, equation A.12).
const double kRayleigh = std::sqrt(2 / (4 - 3.141592653589793));

/// A region with its distribution and, where that is empty, why.
struct Region {
  const char* key;   ///< "wm"
  const char* name;  ///< "white matter"
  Distribution values;
  std::string missing;
};

/// Everything that the measures are made of.
struct Parts {
  Region csf{"csf", "cerebrospinal fluid", {}, {}};
  Region grey{"gm", "grey matter", {}, {}};
  Region white{"wm", "white matter", {}, {}};
  Region air{"bg", "air", {}, {}};
  double white_median = kNan;  ///< before scaling
  HeadAndAir around;
};

using Measures = std::vector<MeasureValue>;

/// Intensities of the three tissues where they are pure.
std::array<std::vector<float>, 3> tissue_intensities(const Image& image, const TissueMap& map) {
  std::array<std::vector<float>, 3> values;
  for (std::size_t v = 0; v < map.tissue.size(); ++v) {
    const std::uint8_t tissue = map.tissue[v];
    if ((tissue & TissueMap::kPure) == 0) continue;
    values[(tissue & 3U) - 1U].push_back(image.voxels[v]);
  }
  return values;
}

void describe_tissue(Region& region, std::vector<float> values, int min_voxels) {
  if (values.size() < static_cast<std::size_t>(min_voxels)) {
    region.missing = std::string("fewer than ") + std::to_string(min_voxels) + " voxels of " +
                     region.name + " above 0 were segmented";
    return;
  }
  region.values = describe(std::move(values));
}

/// Scales all distributions so that white matter's median is 1000.
void scale_to_white_matter(Parts& parts) {
  parts.white_median = parts.white.values.median;
  const double factor = kWhiteMatterMedian / parts.white_median;
  const bool possible = std::isfinite(factor);
  for (Region* region : {&parts.csf, &parts.grey, &parts.white, &parts.air}) {
    region->values = scaled(region->values, possible ? factor : kNan);
    if (!possible && region->missing.empty())
      region->missing = "no white matter to scale intensities by";
  }
}

/// `corrected` is the image divided by its bias field.
Parts take_apart(const Image& image, const Image& corrected, const TissueMap& map,
                 const MaskVoxels& zero_filled, const QualityOptions& options) {
  Parts parts;
  auto tissues = tissue_intensities(corrected, map);
  describe_tissue(parts.csf, std::move(tissues[0]), options.min_voxels);
  describe_tissue(parts.grey, std::move(tissues[1]), options.min_voxels);
  describe_tissue(parts.white, std::move(tissues[2]), options.min_voxels);
  parts.around = find_head_and_air(image, corrected, map, zero_filled,
                                   {options.min_voxels, options.artefact_margin_mm});
  parts.air.missing = parts.around.no_air_reason;
  parts.air.values = describe(parts.around.air);
  scale_to_white_matter(parts);
  return parts;
}

/// The first reason why one of the regions has no numbers.
std::string first_missing(std::initializer_list<const Region*> regions) {
  for (const Region* region : regions) {
    if (!region->missing.empty()) return region->missing;
  }
  return {};
}

double snr(const Distribution& tissue) {
  const auto n = static_cast<double>(tissue.n);
  return tissue.median / (tissue.stdv * std::sqrt(n / (n - 1)));
}

/// As MRIQC: by the median absolute deviation or, where the air is too quiet for that (integer
/// images), by the standard deviation.
double snr_dietrich(const Distribution& tissue, const Distribution& air) {
  const double spread = air.mad > 1 ? air.mad : air.stdv;
  return spread > 1e-3 ? tissue.median / (kRayleigh * spread) : kNan;
}

void add_noise_measures(const Parts& parts, Measures& measures) {
  const Distribution& white = parts.white.values;
  const Distribution& grey = parts.grey.values;
  const Distribution& air = parts.air.values;
  const double contrast = std::abs(white.median - grey.median);
  add_measure(measures, "cjv", (white.mad + grey.mad) / contrast,
              first_missing({&parts.white, &parts.grey}));
  add_measure(
      measures, "cnr",
      contrast / std::sqrt(air.stdv * air.stdv + white.stdv * white.stdv + grey.stdv * grey.stdv),
      first_missing({&parts.white, &parts.grey, &parts.air}));
  const std::array tissues{&parts.csf, &parts.grey, &parts.white};
  const auto all = first_missing({&parts.csf, &parts.grey, &parts.white});
  double total = 0;
  for (const Region* tissue : tissues) {
    const double value = snr(tissue->values);
    total += value / 3;
    add_measure(measures, std::string("snr_") + tissue->key, value, tissue->missing);
  }
  add_measure(measures, "snr_total", total, all);
  total = 0;
  for (const Region* tissue : tissues) {
    const double value = snr_dietrich(tissue->values, air);
    total += value / 3;
    add_measure(measures, std::string("snrd_") + tissue->key, value,
                first_missing({tissue, &parts.air}));
  }
  add_measure(measures, "snrd_total", total, all.empty() ? parts.air.missing : all);
}

/// Shannon entropy of the intensities over its largest value, without voxels that were set to zero.
double entropy_focus_criterion(const Image& image, const MaskVoxels& zero_filled) {
  double squares = 0;
  double sum = 0;
  double with_logarithm = 0;
  double n = 0;
  for (std::size_t i = 0; i < zero_filled.size(); ++i) {
    n += zero_filled[i] ^ 1;
    const float value = image.voxels[i];
    if (value == 0) continue;
    sum += value;
    squares += static_cast<double>(value) * value;
    with_logarithm += value * std::log(value);
  }
  const double energy = std::sqrt(squares);
  const double entropy = (with_logarithm - std::log(energy) * sum) / energy;
  return entropy / (std::sqrt(n) * std::log(1 / std::sqrt(n)));
}

/// Why a measure of the air's noise is missing though there is air.
std::string no_noise(const Parts& parts) {
  if (!parts.air.missing.empty()) return parts.air.missing;
  return "the air has no noise to compare with: its intensities are all alike";
}

void add_artefact_measures(const Image& corrected, const MaskVoxels& zero_filled,
                           const Parts& parts, Measures& measures) {
  const HeadAndAir& around = parts.around;
  add_measure(measures, "efc", entropy_focus_criterion(corrected, zero_filled));
  const double ratio = around.head_median / around.outside_median;
  const bool is_black = around.outside_median == 0;
  add_measure(measures, "fber", ratio * ratio,
              is_black ? "most of the air is 0" : parts.air.missing);
  const double brightest = quantile(corrected.voxels, 0.9995);
  add_measure(measures, "wm2max", parts.white_median / brightest, parts.white.missing);
  add_measure(measures, "qi_1", around.artefact_share, no_noise(parts));
  add_measure(measures, "qi_2", misfit_of_noise(around.air),
              around.air.empty() ? parts.air.missing
                                 : "fewer than 1000 voxels of air are above 0, or all are alike");
  add_measure(measures, "qc_air_signal", 100 * around.cube_range / parts.white_median,
              first_missing({&parts.air, &parts.white}).empty()
                  ? "the air is too small"
                  : first_missing({&parts.air, &parts.white}));
}

void add_bias_measures(const std::optional<Image>& field, const TissueMap& map,
                       Measures& measures) {
  const std::string missing = field ? "" : "too little white matter to estimate the bias field";
  const auto summary = field ? summarise_bias(*field, map) : BiasSummary{kNan, kNan, kNan};
  add_measure(measures, "inu_med", summary.median, missing);
  add_measure(measures, "inu_range", summary.p95 - summary.p05, missing);
}

void add_smoothness(const DifferenceStatistics& differences, const Grid& grid, Measures& measures) {
  const std::string missing = differences.intensity.n == 0
                                  ? "no brain was segmented"
                                  : "neighbouring voxels aren't alike, or are all the same";
  const auto axes = orientation_of(grid).axes;
  const auto spacing = spacing_mm(grid);
  double voxels = 0;
  double mm = 0;
  for (std::size_t world = 0; world < 3; ++world) {
    const double fwhm = differences.fwhm_voxels(axes[world]);
    voxels += fwhm / 3;
    mm += fwhm * spacing[axes[world]] / 3;
    add_measure(measures, std::string("fwhm_") + "xyz"[world], fwhm, missing);
  }
  add_measure(measures, "fwhm_avg", voxels, missing);
  add_measure(measures, "qc_fwhm", mm, missing);
}

void add_volume_shares(const TissueMap& map, Measures& measures) {
  const std::array<std::pair<const char*, Tissue>, 3> tissues{{{"icvs_csf", Tissue::kCsf},
                                                               {"icvs_gm", Tissue::kGreyMatter},
                                                               {"icvs_wm", Tissue::kWhiteMatter}}};
  double total = 0;
  for (const auto& [name, tissue] : tissues) total += static_cast<double>(map.voxels_of(tissue));
  for (const auto& [name, tissue] : tissues)
    add_measure(measures, name, static_cast<double>(map.voxels_of(tissue)) / total,
                total > 0 ? "" : "no tissue was segmented");
}

void add_summary(const Region& region, Measures& measures) {
  const Distribution& values = region.values;
  const auto add = [&](const char* statistic, double value) {
    add_measure(measures, std::string("summary_") + region.key + "_" + statistic, value,
                region.missing);
  };
  add("mean", values.mean);
  add("median", values.median);
  add("p05", values.p05);
  add("p95", values.p95);
  add("mad", values.mad);
  add("stdv", values.stdv);
  add("k", values.kurtosis);
  add("n", region.missing.empty() ? static_cast<double>(values.n) : kNan);
}

void add_geometry(const Grid& grid, Measures& measures) {
  const auto axes = orientation_of(grid).axes;
  const auto spacing = spacing_mm(grid);
  for (std::size_t world = 0; world < 3; ++world)
    add_measure(measures, std::string("size_") + "xyz"[world],
                static_cast<double>(grid.shape[axes[world]]));
  for (std::size_t world = 0; world < 3; ++world)
    add_measure(measures, std::string("spacing_") + "xyz"[world], spacing[axes[world]]);
}

Image divided(const Image& image, const Image& field) {
  Image corrected = image;
  for (std::size_t v = 0; v < corrected.voxels.size(); ++v) corrected.voxels[v] /= field.voxels[v];
  return corrected;
}

}  // namespace

void add_image_measures(const Image& image, const TissueMap& map, const MaskVoxels& zero_filled,
                        const DifferenceStatistics& differences, const QualityOptions& options,
                        Measures& measures, QualityMaps* maps) {
  const auto field = find_bias_field(image, map);
  const Image corrected = field && options.correct_bias ? divided(image, *field) : image;
  Parts parts = take_apart(image, corrected, map, zero_filled, options);
  add_noise_measures(parts, measures);
  add_artefact_measures(corrected, zero_filled, parts, measures);
  add_bias_measures(field, map, measures);
  add_smoothness(differences, image.grid, measures);
  add_volume_shares(map, measures);
  for (const Region* region : {&parts.air, &parts.csf, &parts.grey, &parts.white})
    add_summary(*region, measures);
  add_geometry(image.grid, measures);
  if (maps == nullptr) return;
  maps->air = std::move(parts.around.air_voxels);
  maps->head = std::move(parts.around.head_voxels);
  if (field) maps->bias = field->voxels;
}

}  // namespace hypersynth
