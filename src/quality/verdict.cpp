#include "quality/verdict.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/number_text.h"
#include "quality/measurements.h"

namespace hypersynth {
namespace {

QualityRating rate(double value, const QualityThreshold& threshold) {
  const auto beyond = [&](double limit) { return threshold.upper ? value > limit : value < limit; };
  if (beyond(threshold.fail)) return QualityRating::kFail;
  return beyond(threshold.warning) ? QualityRating::kWarning : QualityRating::kPass;
}

/// A value without exponent, with three significant digits or as many more as tell it from `limit`.
std::string told_from(double limit, double value) {
  const double size = std::max(std::abs(value), std::abs(limit));
  const int whole = size > 0 ? 1 + static_cast<int>(std::floor(std::log10(size))) : 0;
  int decimals = std::clamp(3 - whole, 0, 9);
  while (decimals < 9 && decimal_places(value, decimals) == decimal_places(limit, decimals))
    ++decimals;
  std::string text = decimal_places(value, decimals);
  if (decimals > 0) text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string reason_for(const MeasureValue& measure, const QualityThreshold& threshold,
                       QualityRating rating) {
  const MeasureInfo* info = find_measure(measure.name);
  const double limit = rating == QualityRating::kFail ? threshold.fail : threshold.warning;
  std::string text = info != nullptr ? info->title : measure.name;
  text += ": " + told_from(limit, measure.value);
  if (info != nullptr && !info->unit.empty()) text += " " + info->unit;
  text += threshold.upper ? ", above " : ", below ";
  text += told_from(measure.value, limit);
  if (!measure.note.empty()) text += " (" + measure.note + ")";
  return text;
}

}  // namespace

const std::vector<QualityThreshold>& default_quality_thresholds() {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const char* const cortex = "cortex is at most 4.5 mm thick (Fischl and Dale 2000)";
  static const std::vector<QualityThreshold> kThresholds{
      {"spacing_x", 4.5, kNever, true, cortex},
      {"spacing_y", 4.5, kNever, true, cortex},
      {"spacing_z", 4.5, kNever, true, cortex},
      {"snr_wm", 5, -kNever, false, "what it takes to tell features from noise (Rose 1948)"},
      {"qi_1", 0.001, kNever, true, "0 in heads without ghosts, wrap-around or spikes in the air"},
      {"qc_air_signal", 3, 15, true, "0.1 without ghosts, 9 to 11 with one of 15 % of the head"},
      {"qc_edge_snr", 0.25, 0.05, false,
       "0 where labels don't follow the image; 1.7 to 2 for manual labels of 25 T1w images"},
      // Of T1w images: between ten scans as they are and copies with a strong artefact, rounded to
      // the side of the artefact (docs/quality-measures.md).
      {"snr_wm", 8, 3, false, "10.3 to 12.1 in ten scans, 7.1 to 7.5 with noise of 15 %", "T1w"},
      {"snrd_total", 15, 3, false, "75 to 89 in ten scans, 11 to 13 with noise of 8 %", "T1w"},
      {"cjv", 0.65, 1.5, true,
       "0.49 to 0.54 in ten scans, 0.71 and more with noise of 15 %, motion of 5 mm or blur of 4 "
       "mm",
       "T1w"},
      {"inu_range", 0.5, 2, true,
       "0.13 to 0.17 in ten scans, 0.58 and more where the field varies 2.4-fold", "T1w"},
      {"qc_fwhm", 6, 10, true, "4.5 to 5 mm in ten scans, 7.2 and more with a blur of 4 mm", "T1w"},
      {"qc_edge_snr", 1.3, 0.3, false,
       "1.7 to 1.9 in ten scans, 1.29 and less with noise of 8 %, motion of 5 mm or blur of 4 mm",
       "T1w"},
      {"qc_cut_area", 5, 15, true,
       "0 in four scans, 6 to 10 where defacing took 20 mm of the frontal lobe, 15 to 21 with 35 "
       "mm"},
      {"qc_missing_structures", 0, 4, true, "a whole brain has every structure of the model"},
      {"qc_volume_outliers", 0, 6, true, "limits are wide; a fifth of 32 structures"},
      {"qc_asymmetry_outliers", 0, 6, true, "limits are wide; a fifth of 32 structures"},
      {"qc_brain_volume", 791, 500, false,
       "the smallest of 58 healthy adults (doi:10.1007/s00276-010-0650-4)"},
      {"qc_brain_volume", 1700, 2200, true,
       "the largest of 20 healthy adults has 1626 mL (Filipek et al. 1994)"},
      {"qc_fragmentation_max", 0.1, 0.5, true,
       "structures are in one piece; at most 0.054 in 25 manual segmentations"},
      {"qc_fragmentation_brain", 0.01, 0.1, true,
       "the brain is in one piece; 0 in 25 manual segmentations"},
      {"qc_border_area", 2, 25, true,
       "the lower end of the brain stem, which often leaves the image, has about 2 cm2"},
      {"qc_confidence_mean", 0.7, 0.5, false,
       "below 0.5 the other labels together are more likely than the one chosen"},
      {"qc_confidence_min", 0.5, 0.2, false,
       "below 0.5 the other labels together are more likely than the one chosen"},
  };
  return kThresholds;
}

std::vector<QualityThreshold> thresholds_for(const std::string& suffix,
                                             const std::vector<QualityThreshold>& all) {
  std::vector<QualityThreshold> result;
  for (const auto& threshold : all) {
    const auto is_closer = [&](const QualityThreshold& other) {
      return other.measure == threshold.measure && other.suffix == suffix;
    };
    const bool general =
        threshold.suffix.empty() && std::none_of(all.begin(), all.end(), is_closer);
    if (general || threshold.suffix == suffix) result.push_back(threshold);
  }
  return result;
}

QualityVerdict judge_quality(const std::vector<MeasureValue>& measures,
                             const std::vector<QualityThreshold>& thresholds) {
  QualityVerdict verdict;
  std::vector<std::string> warnings;
  for (const auto& threshold : thresholds) {
    for (const auto& measure : measures) {
      if (measure.name != threshold.measure) continue;
      const QualityRating rating = rate(measure.value, threshold);
      if (rating == QualityRating::kPass) continue;
      verdict.rating = std::max(verdict.rating, rating);
      auto& reasons = rating == QualityRating::kFail ? verdict.reasons : warnings;
      reasons.push_back(reason_for(measure, threshold, rating));
    }
  }
  verdict.reasons.insert(verdict.reasons.end(), warnings.begin(), warnings.end());
  return verdict;
}

std::optional<QualityRating> rate_measure(const MeasureValue& measure,
                                          const std::vector<QualityThreshold>& thresholds) {
  std::optional<QualityRating> rating;
  if (std::isnan(measure.value)) return rating;
  for (const auto& threshold : thresholds) {
    if (measure.name != threshold.measure) continue;
    rating = std::max(rating.value_or(QualityRating::kPass), rate(measure.value, threshold));
  }
  return rating;
}

std::string_view to_string(QualityRating rating) {
  switch (rating) {
    case QualityRating::kPass:
      return "pass";
    case QualityRating::kWarning:
      return "warning";
    case QualityRating::kFail:
      break;
  }
  return "fail";
}

}  // namespace hypersynth
