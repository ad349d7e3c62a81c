#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/batch/batch_commands.h"
#include "pipeline/batch/batch_listing.h"
#include "pipeline/batch/batch_options.h"

namespace hypersynth::pipeline {

/// What is submitted at once.
struct BatchRequest {
  std::string name;      ///< of its jobs
  fs::path folder;       ///< BatchFolder::batch, with the script "job.sh"
  std::size_t jobs = 1;  ///< an array where there are several
  Slots slots;           ///< of each job
};

/// What the script of a job finds when it starts.
struct JobSurroundings {
  std::string index;      ///< in the shell's words: its number in the batch, from 0
  std::string restart;    ///< in the shell's words: a number for each time that it is begun
  bool has_log = false;   ///< the scheduler writes the job's output to INDEX.log in its folder
  bool has_path = false;  ///< PATH and the like are those of the process that submitted it
};

/// Why a submission failed, which decides what is done about it.
enum class SubmitTrouble {
  kNoAnswer,  ///< the server is away, or busy: whether there is a job now, a listing has to tell
  kNoRoom,    ///< the user has as many jobs as allowed: it is tried again later
  kTooLarge,  ///< the cluster takes no arrays of this size: it is tried again with smaller ones
  kRefused,   ///< the cluster will never take such a job: its nodes have failed
};

/// Jobs that something is to be done with.
struct JobTargets {
  std::set<std::string> ids;
  std::vector<std::string> names;  ///< of jobs of which it is not known whether there are any
};

/// What came of a question about the queue.
struct ListingAnswer {
  std::optional<QueueListing> listing;
  std::string trouble;  ///< why there is none
};

/// How a scheduler is spoken to: its commands, and what they print. It keeps nothing.
class BatchDialect {
 public:
  virtual ~BatchDialect() = default;

  /// As people call the scheduler: "SLURM".
  virtual std::string name() const = 0;

  /// What the folder of its jobs is called in the work folder.
  virtual std::string folder() const = 0;

  /// The commands that `PATH` has to have.
  virtual std::vector<std::string> programs() const = 0;

  /// Words for `env`, in front of every command.
  virtual std::vector<std::string> environment() const { return {}; }

  virtual std::vector<std::string> submit_command(const BatchOptions& options,
                                                  const BatchRequest& request) const = 0;
  virtual JobSurroundings surroundings(const BatchRequest& request) const = 0;

  /// The id of the jobs that were submitted, in what the command printed.
  virtual std::optional<std::string> parse_job_id(const std::string& output) const = 0;

  /// Why a submission failed, by what the command printed.
  virtual SubmitTrouble submit_trouble(const std::string& output) const = 0;

  /// Whether a command failed only because no server answered.
  virtual bool is_unanswered(const std::string& output) const = 0;

  /// Lists jobs of this user, at least `targets`. An answer that cannot be read is none: no job
  /// has vanished for that.
  virtual ListingAnswer list(BatchCommands& commands, const JobTargets& targets) const = 0;

  /// The id of one job of an array.
  virtual std::string element(const std::string& job_id, int index) const = 0;

  virtual std::vector<std::string> cancel_command(const std::vector<std::string>& ids) const = 0;
  virtual std::vector<std::string> cancel_command_by_name(
      const std::vector<std::string>& names) const = 0;

  /// Cancels those that wait, and lets others go on. Empty where no one command does that.
  virtual std::vector<std::string> cancel_command_of_waiting(
      const std::vector<std::string>& /*ids*/) const {
    return {};
  }

  /// What is said of a job that ended without saying why itself; `state` and `reason` are those of
  /// its QueuedJob, both empty for a job that is not listed, `log_tail` the end of its output.
  virtual Failure failure_of_state(const std::string& state, const std::string& reason,
                                   const std::string& log_tail) const = 0;

  /// Whether all that the scheduler knows of a job in this state is how its script ended.
  virtual bool knows_only_script(const std::string& state) const = 0;
};

/// The dialect of a scheduler.
const BatchDialect& dialect_of(BatchSystem system);

/// The script that every job of a batch runs: `program` serves `--run-node`, from `current_folder`.
std::string job_script(const JobSurroundings& surroundings, const BatchFolder& folder,
                       const BatchId& id, const Slots& slots,
                       const std::vector<std::string>& program, const fs::path& current_folder);

std::string job_name(const BatchOptions& options, const BatchId& id);

/// The first line of what a command printed, for messages.
std::string first_line(const std::string& output);

// For the dialects:

bool contains_any(std::string_view text, std::span<const std::string_view> parts);

/// `command` and behind it `words`.
std::vector<std::string> command_of(std::vector<std::string> command,
                                    const std::vector<std::string>& words);

/// Words for `env` that hide those variables of this process that are `unwanted`, as of the job
/// that it may be itself.
std::vector<std::string> unset_variables(const std::function<bool(std::string_view)>& unwanted);

/// A `restart` where the scheduler does not count: a number for each second, and no two attempts at
/// a job begin in the same one.
inline constexpr const char* kSecondsAsRestart = "$(($(date +%s) % 1000000000))";

/// Rounded up.
std::uint64_t mebibytes(std::uint64_t bytes);

}  // namespace hypersynth::pipeline
