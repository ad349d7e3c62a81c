#pragma once

#include <vector>

#include "report/html.h"
#include "report/report.h"

namespace hypersynth {

/// The measures of an image: first those beyond a limit, then the others by family, folded, in the
/// order in which their families first occur.
void write_measures(HtmlWriter& html, const std::vector<QualityMeasure>& measures);

}  // namespace hypersynth
