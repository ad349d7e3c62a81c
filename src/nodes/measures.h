#pragma once

#include <string>
#include <vector>

#include "quality/measure.h"
#include "report/group_report.h"
#include "report/report.h"

namespace hypersynth {

/// "pass", "warning", "fail"; anything else is no verdict.
Verdict verdict_from(const std::string& text);

/// Measures with what the catalogue of the quality library says about them.
std::vector<QualityMeasure> measures_for_page(const std::vector<MeasureValue>& measures);

/// The column of one measure on the group page.
GroupMeasure group_measure(const std::string& name);

}  // namespace hypersynth
