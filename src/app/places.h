#pragma once

#include "app/evaluate_options.h"
#include "app/learn_options.h"
#include "app/participant_options.h"

namespace hypersynth {

/// Looks where every folder that this run would write to really is, links followed, before anything
/// is written. Throws Error: kUsage where one is or lies in the raw data or a dataset of
/// --derivatives, or where the output folder is a raw dataset itself; kInputMissing or
/// kCannotCreateOutput where a path cannot be followed (a loop of links, a name that is too long).
void check_places(const CommonOptions& options);
/// The evaluate level also reads the datasets that it compares; only the segmentations may lie in
/// the output folder.
void check_places(const EvaluateOptions& options);
/// The learn level also reads label maps and writes to its work folder.
void check_places(const LearnOptions& options);
/// The participant level also writes to its work folder and to that of --graph.
void check_places(const ParticipantOptions& options);

}  // namespace hypersynth
