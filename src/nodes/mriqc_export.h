#pragma once

#include <string>

#include "nodes/image_record.h"

namespace hypersynth {

/// The measures of an image in the layout of MRIQC's `sub-X_T1w.json`, for scripts that were made
/// for it: the measures that MRIQC has, sorted by name, `bids_meta` and `provenance`. What cannot
/// be measured has the value that MRIQC writes: -1 for snrd_*, fber and qi_1, 0 for qi_2, null for
/// others. rpve_* and tpm_overlap_*, which this program doesn't measure, are missing.
std::string mriqc_json(const ImageRecord& record);

}  // namespace hypersynth
