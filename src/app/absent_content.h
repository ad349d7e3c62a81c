#pragma once

#include "app/participant_options.h"

namespace hypersynth {

/// For --datalad-get: fetches what is read of the dataset before its images are, where that is a
/// file of git-annex whose content is not here: the files at the root that describe dataset and
/// participants, and the sidecars of the selected images. What cannot be fetched is told as a
/// warning; the run then finds it missing, as it would have without. Throws Error kInputMissing if
/// PATH has no datalad, and what open_dataset() and select() throw.
void fetch_descriptions(const ParticipantOptions& options);

}  // namespace hypersynth
