#pragma once

#include <string>
#include <vector>

#include "evaluation/volume_change.h"
#include "nodes/session_series.h"
#include "report/longitudinal_section.h"

namespace hypersynth {

/// What the page of a person shows over sessions; empty where no two sessions have an image of one
/// kind. `retest` gives the limits of changes; the path of the table is not set.
LongitudinalReport longitudinal_report(const std::vector<SessionSeries>& series,
                                       const RetestTable& retest);

/// The text of `*_longitudinal.tsv`: a row for each series, structure and session.
std::string longitudinal_table(const LongitudinalReport& report);

/// The text of its sidecar.
std::string longitudinal_sidecar();

/// The table of spreads in the file `path`; an empty one where there is no such file. Throws
/// InputError if it is damaged.
RetestTable read_retest_table(const fs::path& path);

/// Writes the table and its sidecar into the folder of the subject and notes its path in `report`,
/// or removes both where nothing is compared.
void publish_longitudinal(const fs::path& output_dir, const std::string& subject,
                          LongitudinalReport& report);

}  // namespace hypersynth
