#include "app/workflow_run.h"

#include "core/error.h"
#include "pipeline/run/interrupt.h"

namespace hypersynth {

pipeline::RunOptions workflow_run_options(const CommonOptions& options) {
  pipeline::RunOptions run;
  run.work_dir = options.work_folder();
  run.crash_dir = options.output_dir / "logs" / "crashes";
  run.cluster = options.cluster();
  return run;
}

pipeline::RunReport run_until_stopped(const pipeline::Workflow& workflow,
                                      pipeline::RunOptions options, std::stop_source& stop) {
  const pipeline::Interrupt interrupt;
  const std::stop_callback on_signal(interrupt.token(), [&stop] { stop.request_stop(); });
  options.stop = stop.get_token();
  try {
    return pipeline::run(workflow, options);
  } catch (const pipeline::ClusterError& error) {
    throw Error(ExitCode::kUsage, std::string("--executor: ") + error.what());
  }
}

}  // namespace hypersynth
