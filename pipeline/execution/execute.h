#pragma once

#include <stop_token>

#include "pipeline/cache/work_folder.h"
#include "pipeline/execution/task.h"

namespace hypersynth::pipeline {

/// Whose time and memory an attempt is charged with.
enum class Metering { kThread, kProcess };

/// Runs one attempt in this thread and commits its result: output files are checked and digested,
/// the record is written beside them, and one rename makes both visible. Where another attempt was
/// faster, its result stands. Failures come back as values; the attempt's folder is gone then.
TaskOutcome execute(const WorkFolder& work_folder, const Task& task, DigestMemo& memo,
                    const std::stop_token& stop, Metering metering);

/// The exception being handled as a failure; `work_folder` tells whether the disk is full.
Failure current_failure(const WorkFolder& work_folder, const Usage& usage);

/// Whether so little is free that what was written cannot be trusted.
bool disk_is_full(const FileSystem& file_system, const fs::path& folder);

}  // namespace hypersynth::pipeline
