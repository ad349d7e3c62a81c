#include "nodes/measures.h"

namespace hypersynth {

Verdict verdict_from(const std::string& text) {
  if (text == "pass") return Verdict::kPass;
  if (text == "warning") return Verdict::kWarning;
  return text == "fail" ? Verdict::kFail : Verdict::kNone;
}

std::vector<QualityMeasure> measures_for_page(const std::vector<MeasureValue>& measures) {
  std::vector<QualityMeasure> page;
  for (const auto& measure : measures) {
    const MeasureInfo* info = find_measure(measure.name);
    QualityMeasure row{measure.name, measure.name, measure.value, "", "", Verdict::kNone, ""};
    row.note = measure.note;
    if (info != nullptr) {
      row.title = info->title;
      row.unit = info->unit;
      row.meaning = info->meaning;
    }
    page.push_back(std::move(row));
  }
  return page;
}

GroupMeasure group_measure(const std::string& name) {
  const MeasureInfo* info = find_measure(name);
  if (info == nullptr) return {name, "", "", "", GroupMeasure::Kind::kQuality};
  return {name, info->title, info->unit, info->meaning, GroupMeasure::Kind::kQuality};
}

}  // namespace hypersynth
