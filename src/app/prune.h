#pragma once

#include "app/group_options.h"
#include "bids/layout.h"

namespace hypersynth {

/// Removes from the output folder what belongs to images that are no longer in the dataset: the
/// files that their records name, the records, their failures, and the pages of subjects that
/// nothing is left of. Says on stderr what it removes; with `--dry-run` what it would remove.
/// Throws Error kUsage where there is no dataset, or none of the results is of an image in it: then
/// the dataset is more likely the wrong one than emptied.
void prune(const GroupOptions& options, const bids::Layout* dataset);

}  // namespace hypersynth
