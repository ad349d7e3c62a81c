#pragma once

#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "app/common_options.h"
#include "core/error.h"

namespace hypersynth {

/// The exit code of a program that ended for the system's reason `code`.
ExitCode exit_code_of(const std::error_code& code);

/// Where a step's failure is not its image's fault and going on would fail in the same way, the
/// exit code of the run: kIo where files cannot be written any more (full disk, quota, read-only,
/// broken, too large), kTryAgain where this process gets no more files, threads or processes. The
/// message tells, since the system's words are in it from wherever they come; `names_input` says
/// that the step blames one of its input files, which a full disk does not explain; `written` are
/// the folders that the run writes to, since a reading error elsewhere is the image's.
std::optional<ExitCode> fault_of_run(const std::string& message, bool names_input,
                                     const std::vector<fs::path>& written);

}  // namespace hypersynth
