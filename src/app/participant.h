#pragma once

#include "app/participant_options.h"
#include "core/error.h"

namespace hypersynth {

/// The participant level: does one of the following, as the options say, and segments in a child
/// of this process, which a crash of a step does not end. Returns the exit code.
int run_participant_level(const ParticipantOptions& options);

/// Segments the selected images and writes a page per participant. kSomeImagesFailed where an image
/// could not be used; the rest is complete then.
ExitCode run_participant(const ParticipantOptions& options);

/// Says what run_participant would do, on stdout.
ExitCode run_dry(const ParticipantOptions& options);

/// Writes the participants' pages again from the results that exist.
ExitCode run_reports(const ParticipantOptions& options);

}  // namespace hypersynth
