#pragma once

#include <string>
#include <vector>

#include "bids/issue.h"
#include "engine/inference/segmenter.h"

namespace hypersynth {

/// The text of `*_morph.tsv` with the columns index, name, volume_soft_mm3 and volume_hard_mm3. The
/// last rows are sums of several structures (see volume_sums()), the very last the intracranial
/// volume; their index is n/a.
std::string format_volume_table(const std::vector<LabelVolume>& volumes, double intracranial_mm3);

/// The structures in the text of such a table. Sums, which have no index, and rows that cannot be
/// read are left out. A volume that is n/a is NaN.
std::vector<LabelVolume> parse_volume_table(std::string_view text);

/// The text of the table's sidecar, which describes its columns.
std::string volume_table_sidecar();

}  // namespace hypersynth
