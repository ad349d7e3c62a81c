#pragma once

#include "pipeline/batch/batch_dialect.h"

namespace hypersynth::pipeline {

/// PBS Professional and OpenPBS, of a version whose qstat knows `-F dsv` (13 and later). Torque,
/// which numbers the jobs of an array and prints them in another way, is none of them.
class PbsDialect final : public BatchDialect {
 public:
  std::string name() const override { return "PBS"; }
  std::string folder() const override { return "pbs"; }
  std::vector<std::string> programs() const override {
    return {"qsub", "qstat", "qselect", "qdel"};
  }
  std::vector<std::string> environment() const override;
  std::vector<std::string> submit_command(const BatchOptions& options,
                                          const BatchRequest& request) const override;
  JobSurroundings surroundings(const BatchRequest& request) const override;
  std::optional<std::string> parse_job_id(const std::string& output) const override;
  SubmitTrouble submit_trouble(const std::string& output) const override;
  bool is_unanswered(const std::string& output) const override;

  /// Asks only about `targets`: qstat lists the jobs of all users otherwise. It asks for the
  /// history too, where the server keeps one, because that tells how jobs ended.
  ListingAnswer list(BatchCommands& commands, const JobTargets& targets) const override;
  std::string element(const std::string& job_id, int index) const override;
  std::vector<std::string> cancel_command(const std::vector<std::string>& ids) const override;
  std::vector<std::string> cancel_command_by_name(
      const std::vector<std::string>& names) const override;
  Failure failure_of_state(const std::string& state, const std::string& reason,
                           const std::string& log_tail) const override;
  bool knows_only_script(const std::string& /*state*/) const override { return true; }

  /// What `qstat -f -F dsv` prints, a job in each line; other lines are skipped. It is asked for
  /// rather than JSON, which one odd variable in the environment of one job makes unreadable.
  static QueueListing parse_listing(const std::string& text);
};

}  // namespace hypersynth::pipeline
