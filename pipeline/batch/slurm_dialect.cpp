#include "pipeline/batch/slurm_dialect.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <signal.h>
#include <sstream>
#include <unistd.h>

#include "core/joined.h"

namespace hypersynth::pipeline {
namespace {

constexpr std::string_view kEndedStates[] = {"BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE",
                                             "FAILED",    "NODE_FAIL", "PREEMPTED", "OUT_OF_MEMORY",
                                             "REVOKED",   "TIMEOUT"};

constexpr std::string_view kHopeless[] = {"launch failed requeued held", "JobHoldMaxRequeue",
                                          "BadConstraints", "DependencyNeverSatisfied"};

constexpr std::string_view kNoAnswer[] = {"Unable to contact slurm controller",
                                          "Socket timed out",
                                          "timed out after",
                                          "Slurm temporarily unable",
                                          "Connection refused",
                                          "Connection reset",
                                          "Zero Bytes were transmitted",
                                          "Transport endpoint is not connected",
                                          "Resource temporarily unavailable",
                                          "Unexpected message received"};

constexpr std::string_view kNoRoom[] = {"MaxSubmit", "job submit limit reached",
                                        "Reached maximum number of jobs"};

constexpr const char* kNoOutput = "/dev/null";

/// sbatch replaces "%" followed by a letter, in folders too; a backslash turns that off.
std::string output_pattern(const fs::path& batch) {
  std::string pattern;
  for (const char c : batch.string()) {
    if (c == '\\' || c == '\n') return kNoOutput;
    pattern += c == '%' ? std::string("%%") : std::string(1, c);
  }
  return pattern;
}

JobPhase phase_of(const std::string& state, const std::string& reason) {
  if (std::find(std::begin(kEndedStates), std::end(kEndedStates), state) != std::end(kEndedStates))
    return JobPhase::kEnded;
  if (state != "PENDING") return JobPhase::kRunning;
  const bool stuck =
      std::find(std::begin(kHopeless), std::end(kHopeless), reason) != std::end(kHopeless);
  return stuck ? JobPhase::kStuck : JobPhase::kWaiting;
}

}  // namespace

std::vector<std::string> SlurmDialect::environment() const {
  // sbatch, squeue and scancel must speak of the same cluster, and squeue of all jobs.
  auto words = unset_variables([](std::string_view name) {
    return (name.starts_with("SLURM_") && name != "SLURM_CONF" && name != "SLURM_CLUSTERS") ||
           name.starts_with("SQUEUE_") || name.starts_with("SCANCEL_") || name == "SBATCH_CLUSTERS";
  });
  if (const char* cluster = std::getenv("SBATCH_CLUSTERS");
      cluster != nullptr && std::getenv("SLURM_CLUSTERS") == nullptr)
    words.push_back(std::string("SLURM_CLUSTERS=") + cluster);
  words.emplace_back("SLURM_BITSTR_LEN=0");  // indices of an array are not shortened
  return words;
}

std::vector<std::string> SlurmDialect::submit_command(const BatchOptions& options,
                                                      const BatchRequest& request) const {
  std::vector<std::string> command = {"sbatch", "--parsable", "--job-name=" + request.name};
  const auto add = [&](const std::string& option, const std::string& value) {
    if (!value.empty()) command.push_back(option + '=' + value);
  };
  const Slots& slots = request.slots;
  if (request.jobs > 1) add("--array", "0-" + std::to_string(request.jobs - 1));
  add("--partition", options.partition);
  add("--account", options.account);
  add("--nodes", "1");
  add("--ntasks", "1");
  add("--cpus-per-task", std::to_string(slots.cpus));
  if (slots.memory_bytes > 0) add("--mem", std::to_string(mebibytes(slots.memory_bytes)) + 'M');
  if (!slots.gpu_ids.empty())
    add("--gres", (options.gpu_resource.empty() ? "gpu" : options.gpu_resource) + ':' +
                      std::to_string(slots.gpu_ids.size()));
  if (options.time_limit.count() > 0) add("--time", std::to_string(options.time_limit.count()));
  const std::string output = output_pattern(request.folder);
  add("--output",
      output == kNoOutput ? output : output + (request.jobs > 1 ? "/%a.log" : "/0.log"));
  for (const char* option : {"--open-mode=append", "--requeue", "--chdir=/"})
    command.emplace_back(option);
  command.insert(command.end(), options.submit_arguments.begin(), options.submit_arguments.end());
  command.push_back((request.folder / "job.sh").string());
  return command;
}

JobSurroundings SlurmDialect::surroundings(const BatchRequest& request) const {
  return {"${SLURM_ARRAY_TASK_ID:-0}", "${SLURM_RESTART_COUNT:-0}",
          output_pattern(request.folder) != kNoOutput, true};
}

std::optional<std::string> SlurmDialect::parse_job_id(const std::string& output) const {
  std::istringstream lines(output);
  std::optional<std::string> id;
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view kWords = "Submitted batch job ";  // wrappers of sbatch say it all
    if (line.rfind(kWords, 0) == 0) line = line.substr(kWords.size());
    const std::string number = line.substr(0, line.find_first_of("; "));  // "123;cluster"
    if (!number.empty() && number.find_first_not_of("0123456789") == std::string::npos) id = number;
  }
  return id;
}

SubmitTrouble SlurmDialect::submit_trouble(const std::string& output) const {
  if (is_unanswered(output)) return SubmitTrouble::kNoAnswer;
  if (contains_any(output, kNoRoom)) return SubmitTrouble::kNoRoom;
  if (output.find("Invalid job array specification") != std::string::npos)
    return SubmitTrouble::kTooLarge;
  return SubmitTrouble::kRefused;
}

bool SlurmDialect::is_unanswered(const std::string& output) const {
  return contains_any(output, kNoAnswer);
}

ListingAnswer SlurmDialect::list(BatchCommands& commands, const JobTargets& /*targets*/) const {
  const CommandResult result =
      commands.run({"squeue", "--noheader", "--states=all", "--user=" + std::to_string(::geteuid()),
                    "--format=%F|%K|%T|%r|%j"});
  if (!result.ok()) return {std::nullopt, result.output};
  return {parse_listing(result.output), {}};
}

QueueListing SlurmDialect::parse_listing(const std::string& text) {
  QueueListing listing;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    QueuedJob job;
    std::string indices;
    std::string name;
    if (!std::getline(fields, job.job_id, '|') || !std::getline(fields, indices, '|') ||
        !std::getline(fields, job.state, '|') || !std::getline(fields, job.reason, '|') ||
        !std::getline(fields, name))
      continue;
    job.is_array = indices != "N/A";
    job.indices = parse_indices(job.is_array ? indices : "0");
    job.phase = phase_of(job.state, job.reason);
    listing.add(name, std::move(job));
  }
  return listing;
}

std::string SlurmDialect::element(const std::string& job_id, int index) const {
  return job_id + '_' + std::to_string(index);
}

std::vector<std::string> SlurmDialect::cancel_command(const std::vector<std::string>& ids) const {
  return command_of({"scancel", "--quiet"}, ids);
}

std::vector<std::string> SlurmDialect::cancel_command_by_name(
    const std::vector<std::string>& names) const {
  return {"scancel", "--quiet", "--name=" + joined(names, ",")};
}

std::vector<std::string> SlurmDialect::cancel_command_of_waiting(
    const std::vector<std::string>& ids) const {
  return command_of({"scancel", "--quiet", "--state=PENDING"}, ids);
}

Failure SlurmDialect::failure_of_state(const std::string& state, const std::string& reason,
                                       const std::string& log_tail) const {
  Failure failure;
  failure.cause = Cause::kLost;
  failure.stderr_tail = log_tail;
  failure.message = "its cluster job ended without a result";
  if (state.empty()) {
    failure.message = "its cluster job vanished";
    return failure;
  }
  failure.message += " (" + state + (reason.empty() || reason == "None" ? "" : ", " + reason) + ')';
  const bool memory = log_tail.find("memory limit") != std::string::npos ||
                      log_tail.find("oom-kill") != std::string::npos ||
                      log_tail.find("oom_kill") != std::string::npos;
  if (state == "OUT_OF_MEMORY" || (state == "FAILED" && memory)) {
    failure.cause = Cause::kMemory;
    failure.message = "its cluster job used more memory than it may";
  } else if (state == "FAILED" &&
             (reason == "JobLaunchFailure" || reason.rfind("RaisedSignal", 0) == 0)) {
    failure.cause = Cause::kSignal;
    failure.signal = SIGKILL;
  } else if (state == "COMPLETED") {
    failure.cause = Cause::kExit;
  } else if (state == "TIMEOUT" || state == "DEADLINE") {
    failure.cause = Cause::kTimeLimit;
    failure.message = "its cluster job ran into its time limit";
  } else if (state == "CANCELLED") {
    failure.cause = Cause::kCancelled;
    failure.message = "its cluster job was cancelled";
  }
  return failure;
}

}  // namespace hypersynth::pipeline
