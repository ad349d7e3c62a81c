#pragma once

#include <string>
#include <vector>

#include "quality/measure.h"
#include "quality/verdict.h"
#include "report/group_report.h"
#include "report/report.h"

namespace hypersynth {

/// The verdict that a record names: "pass", "warning" or "fail". Any other text gives
/// Verdict::kNone.
Verdict verdict_from(const std::string& text);

/// The measures of a record with their titles, units, meanings and families from the catalogue of
/// the quality library, and what the thresholds of that record say of each: the verdict of an image
/// is the worst of these. A measure that is not in the catalogue has its name alone.
std::vector<QualityMeasure> measures_for_page(const std::vector<MeasureValue>& measures,
                                              const std::vector<QualityThreshold>& thresholds);

/// The column of a measure on the group page, with title, unit and meaning from that catalogue.
GroupMeasure group_measure(const std::string& name);

}  // namespace hypersynth
