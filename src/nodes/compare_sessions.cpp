#include "nodes/compare_sessions.h"

#include "nodes/context_log.h"
#include "nodes/session_pictures.h"

namespace hypersynth {

CompareSessions::Outputs CompareSessions::run(const Inputs& in,
                                              pipeline::NodeContext& context) const {
  const SubjectResults results = read_results(in.output_dir, in.subject);
  Outputs out;
  for (const auto& series : session_series(results.finished)) {
    const auto files = draw_sessions(in.output_dir, series, context.work_dir(), log_of(context));
    out.files.insert(out.files.end(), files.begin(), files.end());
  }
  return out;
}

}  // namespace hypersynth
