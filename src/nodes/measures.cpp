#include "nodes/measures.h"

#include <cmath>

#include "core/number_text.h"

namespace hypersynth {

namespace {

Verdict verdict_of(const MeasureValue& measure, const std::vector<QualityThreshold>& thresholds) {
  const auto rating = rate_measure(measure, thresholds);
  return rating ? verdict_from(std::string(to_string(*rating))) : Verdict::kNone;
}

/// "warning above 0.6, fail above 0.9"; empty where the measure has no limits.
std::string limits_of(const std::string& measure, const std::vector<QualityThreshold>& thresholds) {
  std::string text;
  const auto add = [&](const char* rating, bool upper, double limit) {
    if (std::isinf(limit)) return;
    text += (text.empty() ? "" : ", ") + std::string(rating) + (upper ? " above " : " below ") +
            significant_digits(limit, 4);
  };
  for (const auto& threshold : thresholds) {
    if (threshold.measure != measure) continue;
    add("warning", threshold.upper, threshold.warning);
    add("fail", threshold.upper, threshold.fail);
  }
  return text;
}

}  // namespace

Verdict verdict_from(const std::string& text) {
  if (text == "pass") return Verdict::kPass;
  if (text == "warning") return Verdict::kWarning;
  return text == "fail" ? Verdict::kFail : Verdict::kNone;
}

std::vector<QualityMeasure> measures_for_page(const std::vector<MeasureValue>& measures,
                                              const std::vector<QualityThreshold>& thresholds) {
  std::vector<QualityMeasure> page;
  for (const auto& measure : measures) {
    const MeasureInfo* info = find_measure(measure.name);
    QualityMeasure row;
    row.name = row.title = measure.name;
    row.value = measure.value;
    row.verdict = verdict_of(measure, thresholds);
    row.note = measure.note;
    row.limits = limits_of(measure.name, thresholds);
    if (info != nullptr) {
      row.title = info->title;
      row.unit = info->unit;
      row.meaning = info->meaning;
      row.better = to_string(info->better);
      row.family = to_string(info->family);
    }
    page.push_back(std::move(row));
  }
  return page;
}

GroupMeasure group_measure(const std::string& name) {
  const MeasureInfo* info = find_measure(name);
  if (info == nullptr) return {name, "", "", "", GroupMeasure::Kind::kQuality};
  return {name, info->title, info->unit, info->meaning, GroupMeasure::Kind::kQuality, info->main};
}

}  // namespace hypersynth
