#include "nodes/measures.h"

#include "quality/verdict.h"

namespace hypersynth {

namespace {

Verdict verdict_of(const MeasureValue& measure) {
  const auto rating = rate_measure(measure);
  return rating ? verdict_from(std::string(to_string(*rating))) : Verdict::kNone;
}

}  // namespace

Verdict verdict_from(const std::string& text) {
  if (text == "pass") return Verdict::kPass;
  if (text == "warning") return Verdict::kWarning;
  return text == "fail" ? Verdict::kFail : Verdict::kNone;
}

std::vector<QualityMeasure> measures_for_page(const std::vector<MeasureValue>& measures) {
  std::vector<QualityMeasure> page;
  for (const auto& measure : measures) {
    const MeasureInfo* info = find_measure(measure.name);
    QualityMeasure row{measure.name, measure.name,        measure.value, "",
                       "",           verdict_of(measure), measure.note};
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
  return {name, info->title, info->unit, info->meaning, GroupMeasure::Kind::kQuality, info->main};
}

}  // namespace hypersynth
