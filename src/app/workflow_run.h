#pragma once

#include <stop_token>

#include "app/common_options.h"
#include "pipeline/run/run.h"

namespace hypersynth {

/// How any level runs its workflow: work folder, crash files and cluster as the options say.
pipeline::RunOptions workflow_run_options(const CommonOptions& options);

/// Runs a workflow until it is done or `stop` is asked for, which a signal to this process does
/// too. Throws Error kUsage where the cluster of --executor cannot be used.
pipeline::RunReport run_until_stopped(const pipeline::Workflow& workflow,
                                      pipeline::RunOptions options, std::stop_source& stop);

}  // namespace hypersynth
