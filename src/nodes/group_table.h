#pragma once

#include "nodes/subject_report.h"

namespace hypersynth {

/// The files that write_group_pages() would write; empty where there are no results.
std::vector<fs::path> planned_group_pages(const fs::path& output_dir);

/// Writes group_<suffix>.tsv and group_<suffix>.html for every suffix with results, and
/// group_failures.tsv. Returns the paths written; empty where there are no results.
std::vector<fs::path> write_group_pages(const ReportContext& context);

}  // namespace hypersynth
