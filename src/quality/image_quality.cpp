#include "quality/image_quality.h"

#include <array>
#include <cmath>
#include <optional>

#include "quality/air.h"
#include "quality/bias_field.h"
#include "quality/distribution.h"
#include "quality/measurements.h"
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
  double head_median = kNan;
  double artefact_share = kNan;
};

using Measures = std::vector<MeasureValue>;

/// Intensities of the three tissues where they are pure, divided by the bias field where there is
/// one.
std::array<std::vector<float>, 3> tissue_intensities(const Image& image, const TissueMap& map,
                                                     const Image* field) {
  std::array<std::vector<float>, 3> values;
  for (std::size_t v = 0; v < map.tissue.size(); ++v) {
    const std::uint8_t tissue = map.tissue[v];
    if ((tissue & TissueMap::kPure) == 0) continue;
    const float bias = field != nullptr ? field->voxels[v] : 1.0F;
    values[(tissue & 3U) - 1U].push_back(image.voxels[v] / bias);
  }
  return values;
}

void describe_tissue(Region& region, std::vector<float> values, int min_voxels) {
  if (values.size() < static_cast<std::size_t>(min_voxels)) {
    region.missing = std::string("fewer than ") + std::to_string(min_voxels) + " voxels of " +
                     region.name + " were segmented";
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
  parts.head_median *= possible ? factor : kNan;
}

Parts take_apart(const Image& image, const TissueMap& map, const MaskVoxels& zero_filled,
                 const Image* field, const QualityOptions& options,
                 std::vector<std::uint8_t>* air) {
  Parts parts;
  auto tissues = tissue_intensities(image, map, options.correct_bias ? field : nullptr);
  describe_tissue(parts.csf, std::move(tissues[0]), options.min_voxels);
  describe_tissue(parts.grey, std::move(tissues[1]), options.min_voxels);
  describe_tissue(parts.white, std::move(tissues[2]), options.min_voxels);
  HeadAndAir around =
      find_head_and_air(image, map, zero_filled, {options.min_voxels, options.artefact_margin_mm});
  parts.air.missing = around.no_air_reason;
  parts.air.values = describe(std::move(around.air));
  parts.head_median = quantile(around.head, 0.5);
  parts.artefact_share = around.artefact_share;
  scale_to_white_matter(parts);
  if (air != nullptr) *air = std::move(around.air_voxels);
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

void add_artefact_measures(const Image& image, const MaskVoxels& zero_filled, const Parts& parts,
                           Measures& measures) {
  add_measure(measures, "efc", entropy_focus_criterion(image, zero_filled));
  const double ratio = parts.head_median / parts.air.values.median;
  add_measure(measures, "fber", ratio * ratio, first_missing({&parts.air, &parts.white}));
  const double brightest = quantile(image.voxels, 0.9995);
  add_measure(measures, "wm2max", parts.white_median / brightest, parts.white.missing);
  add_measure(measures, "qi_1", parts.artefact_share, parts.air.missing);
}

void add_bias_measures(const std::optional<Image>& field, const TissueMap& map,
                       Measures& measures) {
  const std::string missing = field ? "" : "too little white matter to estimate the bias field";
  const auto summary = field ? summarise_bias(*field, map) : BiasSummary{kNan, kNan, kNan};
  add_measure(measures, "inu_med", summary.median, missing);
  add_measure(measures, "inu_range", summary.p95 - summary.p05, missing);
}

void add_smoothness(const DifferenceStatistics& differences, Measures& measures) {
  const std::string missing = differences.intensity.n == 0 ? "no brain was segmented" : "";
  double mean = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double fwhm = differences.fwhm_voxels(axis);
    mean += fwhm / 3;
    add_measure(measures, std::string("fwhm_") + "xyz"[axis], fwhm, missing);
  }
  add_measure(measures, "fwhm_avg", mean, missing);
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
  add("n", static_cast<double>(values.n));
}

void add_geometry(const Grid& grid, Measures& measures) {
  const auto spacing = spacing_mm(grid);
  for (std::size_t axis = 0; axis < 3; ++axis)
    add_measure(measures, std::string("size_") + "xyz"[axis],
                static_cast<double>(grid.shape[axis]));
  for (std::size_t axis = 0; axis < 3; ++axis)
    add_measure(measures, std::string("spacing_") + "xyz"[axis], spacing[axis]);
}

}  // namespace

void add_image_measures(const Image& image, const TissueMap& map,
                        const DifferenceStatistics& differences, const QualityOptions& options,
                        Measures& measures, std::vector<std::uint8_t>* air,
                        std::vector<float>* bias) {
  const MaskVoxels zero_filled = find_zero_filled(image);
  const auto field = find_bias_field(image, map);
  const Parts parts = take_apart(image, map, zero_filled, field ? &*field : nullptr, options, air);
  add_noise_measures(parts, measures);
  add_artefact_measures(image, zero_filled, parts, measures);
  add_bias_measures(field, map, measures);
  add_smoothness(differences, measures);
  add_volume_shares(map, measures);
  for (const Region* region : {&parts.air, &parts.csf, &parts.grey, &parts.white})
    add_summary(*region, measures);
  add_geometry(image.grid, measures);
  if (bias != nullptr && field) *bias = field->voxels;
}

}  // namespace hypersynth
