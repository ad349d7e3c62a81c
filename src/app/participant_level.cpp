#include "app/exit_status.h"
#include "app/participant.h"
#include "app/supervisor.h"

namespace hypersynth {

int run_participant_level(const ParticipantOptions& options) {
  if (options.only_plans()) return static_cast<int>(run_dry(options));
  if (options.reports_only) return static_cast<int>(run_reports(options));
  return supervise([&](bool isolated) {
    ParticipantOptions own = options;
    own.isolate_steps = isolated;
    return exit_status_of([&] { return static_cast<int>(run_participant(own)); });
  });
}

}  // namespace hypersynth
