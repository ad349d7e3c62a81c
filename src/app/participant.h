#pragma once

#include "app/options.h"
#include "core/error.h"

namespace hypersynth {

/// Segments the selected images and writes a page per participant. kSomeImagesFailed where an image
/// could not be used; the rest is complete then.
ExitCode run_participant(const Options& options);

/// Says what run_participant would do, on stdout.
ExitCode run_dry(const Options& options);

/// Writes the participants' pages again from the results that exist.
ExitCode run_reports(const Options& options);

/// Writes the group tables and pages from all results in the output folder.
ExitCode run_group(const Options& options);

}  // namespace hypersynth
