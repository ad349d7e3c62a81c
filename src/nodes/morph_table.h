#pragma once

#include <string>
#include <vector>

#include "bids/issue.h"
#include "engine/inference/segmenter.h"

namespace hypersynth {

/// The text of `*_morph.tsv`: index, name, volume_soft_mm3, volume_hard_mm3; the last row is the
/// intracranial volume, without an index.
std::string format_volume_table(const std::vector<LabelVolume>& volumes, double intracranial_mm3);

/// The rows of such a table that have an index; rows that cannot be read are left out.
std::vector<LabelVolume> parse_volume_table(std::string_view text, const std::string& path);

/// The sidecar that explains the columns.
std::string volume_table_sidecar();

}  // namespace hypersynth
