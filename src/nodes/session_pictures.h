#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/log.h"
#include "nodes/session_series.h"
#include "report/session_comparison.h"

namespace hypersynth {

/// Raised whenever pictures of sessions or the numbers beside them would change: they are then made
/// anew.
inline constexpr std::string_view kSessionPicturesVersion = "1";

/// How much more the mirror image of a scan must tell of the first scan than the scan itself before
/// a swap of left and right is reported: `mutual information of the mirror image / of the scan`. Of
/// scans and rescans of five people the ratio was 0.24 to 0.53, and 2.2 where one file was swapped.
inline constexpr double kMirroredRatio = 1.2;

/// How the later images of a series lie to its first, with their pictures, as far as the output
/// folder holds them whole and they are of these images; `missing` says of the others why they are
/// not shown.
std::vector<SessionComparison> session_comparisons(const fs::path& output_dir,
                                                   const SessionSeries& series);

/// Aligns the later images of a series with its first and draws them, where the output folder does
/// not hold that yet. What is read is what the viewers of the pages show (1 mm, 8 bits), so the
/// source images need not be there. Temporary files go into `work_dir`. A pair that cannot be
/// compared is a warning in `log` and is not tried again, and so is a swap of left and right.
/// Returns the files of all pairs. Throws Error if a file cannot be written, and Error kInterrupted
/// once `stop` is requested.
std::vector<fs::path> draw_sessions(const fs::path& output_dir, const SessionSeries& series,
                                    const fs::path& work_dir, const std::stop_token& stop,
                                    const Log& log);

/// The files that draw_sessions() has written of the image whose alignment is the file `alignment`
/// (session_alignment_of()), this one included, relative to the output folder. Empty where there is
/// none. `first` receives the path of the first image in its dataset.
std::vector<std::string> session_files(const fs::path& output_dir, const std::string& alignment,
                                       std::string* first = nullptr);

/// Removes the files of pairs of the subject that are none of `series` any more.
void remove_other_sessions(const fs::path& output_dir, const std::string& subject,
                           const std::vector<SessionSeries>& series);

}  // namespace hypersynth
