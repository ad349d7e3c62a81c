#pragma once

#include <nlohmann/json_fwd.hpp>

#include "report/group_report.h"

namespace hypersynth {

/// The statistics of every measure of a group, for programs that collect those of many datasets:
/// number of images with a value, median, median absolute deviation, quartiles, extremes.
nlohmann::ordered_json group_summary(const GroupReport& report);

}  // namespace hypersynth
