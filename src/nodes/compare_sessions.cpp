#include "nodes/compare_sessions.h"

#include <algorithm>

#include "core/error.h"
#include "nodes/context_log.h"

namespace hypersynth {

namespace {

/// Throws InputError unless the record of an image is among the results of its subject: on the disk
/// of a cluster the listing of a folder may be older than its files.
void require_listed(const fs::path& record, const SubjectResults& results,
                    const fs::path& output_dir) {
  const std::string path = record.lexically_relative(output_dir).string();
  const bool listed =
      std::any_of(results.finished.begin(), results.finished.end(),
                  [&](const auto& result) { return result.outputs.measures == path; }) ||
      std::any_of(results.unreadable.begin(), results.unreadable.end(),
                  [&](const auto& failure) { return failure.path == path; }) ||
      !results.failed.empty();
  if (!listed)
    throw InputError(record.string(), "the record of a finished image in the listing of its folder",
                     "none; run again");
}

}  // namespace

CompareSessions::Outputs CompareSessions::run(const Inputs& in,
                                              pipeline::NodeContext& context) const {
  const SubjectResults results = read_results(in.output_dir, in.subject);
  for (const auto& record : in.finished) require_listed(record, results, in.output_dir);
  for (const auto& record : in.records) {
    if (record.value) require_listed(*record.value, results, in.output_dir);
  }
  const auto existing = of_existing_images(results.finished, in.bids_dir);
  const auto all = session_series(existing);
  Outputs out;
  for (const auto& series : all) {
    const auto files = draw_sessions(in.output_dir, series, context.work_dir(),
                                     context.stop_token(), log_of(context));
    out.files.insert(out.files.end(), files.begin(), files.end());
  }
  remove_other_sessions(in.output_dir, in.subject, all);
  return out;
}

}  // namespace hypersynth
