#include "quality/verdict.h"

#include <algorithm>
#include <cstdio>

namespace hypersynth {
namespace {

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3g", value);
  return text;
}

QualityRating rate(double value, const QualityThreshold& threshold) {
  const auto beyond = [&](double limit) { return threshold.upper ? value > limit : value < limit; };
  if (beyond(threshold.fail)) return QualityRating::kFail;
  return beyond(threshold.warning) ? QualityRating::kWarning : QualityRating::kPass;
}

std::string reason_for(const MeasureValue& measure, const QualityThreshold& threshold,
                       QualityRating rating) {
  const MeasureInfo* info = find_measure(measure.name);
  std::string text = info != nullptr ? info->title : measure.name;
  text += ": " + short_number(measure.value);
  if (info != nullptr && !info->unit.empty()) text += " " + info->unit;
  text += threshold.upper ? ", above " : ", below ";
  text += short_number(rating == QualityRating::kFail ? threshold.fail : threshold.warning);
  if (!measure.note.empty()) text += " (" + measure.note + ")";
  return text;
}

}  // namespace

const std::vector<QualityThreshold>& default_quality_thresholds() {
  static const std::vector<QualityThreshold> kThresholds{
      {"qc_missing_structures", 0, 4, true,
       "every structure of the model lies within a whole brain"},
      {"qc_brain_volume", 800, 500, false,
       "smallest of 46 healthy adults 975 mL (Allen et al. 2002), less atrophy"},
  };
  return kThresholds;
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
