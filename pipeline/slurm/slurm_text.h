#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "pipeline/slurm/slurm_folder.h"
#include "pipeline/slurm/slurm_options.h"

namespace hypersynth::pipeline {

/// A job, or the part of an array that still waits, as squeue lists it.
struct QueuedJob {
  std::string job_id;   ///< of the array
  std::string indices;  ///< "3", "7-20,24", or "N/A" for a job that is no array
  std::string state;
  std::string reason;

  bool has(int index) const;
  std::optional<int> single_index() const;
  bool is_alive() const;  ///< it waits, runs, or will run again
  bool is_stuck() const;  ///< it waits, but for a reason that will not go away by itself
};

/// All jobs of a user, by batch.
class QueueListing {
 public:
  /// Lines as `squeue_command` makes them; others are skipped.
  explicit QueueListing(const std::string& text = {});

  /// Nothing when squeue does not list it (any more).
  const QueuedJob* find(const BatchId& id, int index) const;

  /// The id of a batch of which any job is listed.
  std::optional<std::string> job_id(const BatchId& id) const;

 private:
  struct Batch {
    std::unordered_map<int, QueuedJob> jobs;  ///< by index
    std::vector<QueuedJob> ranges;            ///< parts of the array that wait
  };

  std::unordered_map<std::string, Batch> batches_;
};

/// Lists all jobs of this user, whichever driver submitted them.
std::vector<std::string> squeue_command();

/// `output`: file of the jobs' own output, "%a" standing for the index.
std::vector<std::string> sbatch_command(const SlurmOptions& options, const SlurmFolder& folder,
                                        const BatchId& id, const Slots& slots, std::size_t jobs);

std::string job_name(const SlurmOptions& options, const BatchId& id);

/// The script that every job of a batch runs: `program` serves `--run-node`, from `current_folder`.
std::string job_script(const SlurmFolder& folder, const BatchId& id, const Slots& slots,
                       const std::vector<std::string>& program, const fs::path& current_folder);

/// The job id in the output of `sbatch --parsable`.
std::optional<std::string> parse_job_id(const std::string& output);

/// Why sbatch failed, which decides what is done about it.
enum class SubmitTrouble {
  kNoAnswer,  ///< the controller is away, or busy: whether there is a job now, squeue has to tell
  kNoRoom,    ///< the user has as many jobs as allowed: it is tried again later
  kTooLarge,  ///< the cluster takes no arrays of this size: it is tried again with smaller ones
  kRefused,   ///< the cluster will never take such a job: its nodes have failed
};

/// Which of these it was, by what sbatch printed.
SubmitTrouble submit_trouble(const std::string& output);

/// Whether a command failed only because no controller answered.
bool is_unanswered(const std::string& output);

/// What is said of a job that ended without saying why itself; `state` and `reason` are squeue's,
/// both empty for a job that it does not list, `log_tail` the end of the job's output.
Failure failure_of_state(const std::string& state, const std::string& reason,
                         const std::string& log_tail);

/// The first line of what a command printed, for messages.
std::string first_line(const std::string& output);

}  // namespace hypersynth::pipeline
