#pragma once

#include <string>
#include <vector>

#include "core/log.h"
#include "nodes/session_series.h"
#include "report/session_comparison.h"

namespace hypersynth {

/// How the later images of a series lie to its first, with their pictures, as far as the output
/// folder holds them and they are of these images; `missing` says of the others why they are not
/// shown.
std::vector<SessionComparison> session_comparisons(const fs::path& output_dir,
                                                   const SessionSeries& series);

/// Aligns the later images of a series with its first and draws them, where the output folder does
/// not hold that yet. What is read is what the viewers of the pages show (1 mm, 8 bits), so the
/// source images need not be there. Temporary files go into `work_dir`. A pair that cannot be
/// compared is a warning in `log`. Returns the files of all pairs. Throws Error if a file cannot be
/// written.
std::vector<fs::path> draw_sessions(const fs::path& output_dir, const SessionSeries& series,
                                    const fs::path& work_dir, const Log& log);

}  // namespace hypersynth
