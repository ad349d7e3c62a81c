#pragma once

#include <stop_token>

#include "pipeline/cache/work_folder.h"
#include "pipeline/execution/task.h"

namespace hypersynth::pipeline {

/// What is measured of an attempt: the time of the thread that runs it, where others run in the
/// same process; else the time and memory of the process and of all that it started.
enum class Metering { kThread, kProcess };

/// Runs one attempt in this thread and commits its result: output files are checked and digested,
/// the record is written beside them, and one rename makes both visible. Where another attempt at
/// the same task was faster, its result is the outcome. Whatever the step throws comes back as a
/// failure, and the attempt's folder is removed.
TaskOutcome execute(const WorkFolder& work_folder, const Task& task, DigestMemo& memo,
                    const std::stop_token& stop, Metering metering);

/// The exception that is being handled, as a failure. Whether the disk of `work_folder` is full is
/// looked up, because then that is the cause, whatever the exception says.
Failure current_failure(const WorkFolder& work_folder, const Usage& usage);

/// Whether so little is free that what was written last may not be whole.
bool disk_is_full(const FileSystem& file_system, const fs::path& folder);

}  // namespace hypersynth::pipeline
