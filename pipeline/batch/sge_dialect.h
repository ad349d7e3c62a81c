#pragma once

#include "pipeline/batch/batch_dialect.h"

namespace hypersynth::pipeline {

/// Grid Engine: Sun's, Son of Grid Engine, Univa's and Altair's. It numbers the jobs of an array
/// from 1, and forgets those that have ended.
class SgeDialect final : public BatchDialect {
 public:
  std::string name() const override { return "SGE"; }
  std::string folder() const override { return "sge"; }
  std::vector<std::string> programs() const override { return {"qsub", "qstat", "qdel"}; }
  std::vector<std::string> submit_command(const BatchOptions& options,
                                          const BatchRequest& request) const override;
  JobSurroundings surroundings(const BatchRequest& request) const override;
  std::optional<std::string> parse_job_id(const std::string& output) const override;
  SubmitTrouble submit_trouble(const std::string& output) const override;
  bool is_unanswered(const std::string& output) const override;
  ListingAnswer list(BatchCommands& commands, const JobTargets& targets) const override;
  std::string element(const std::string& job_id, int index) const override;
  std::vector<std::string> cancel_command(const std::vector<std::string>& ids) const override;
  std::vector<std::string> cancel_command_by_name(
      const std::vector<std::string>& names) const override;
  Failure failure_of_state(const std::string& state, const std::string& reason,
                           const std::string& log_tail) const override;
  bool knows_only_script(const std::string& /*state*/) const override { return true; }

  /// What `qstat -xml -r` prints; nothing where it is not whole.
  static std::optional<QueueListing> parse_listing(const std::string& text);
};

}  // namespace hypersynth::pipeline
