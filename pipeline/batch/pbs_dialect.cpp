#include "pipeline/batch/pbs_dialect.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <signal.h>
#include <sstream>

namespace hypersynth::pipeline {
namespace {

constexpr std::string_view kNoAnswer[] = {
    "cannot connect to server", "timed out after",      "Connection refused",
    "Connection timed out",     "No free connections",  "Server connection table full",
    "Server shutting down",     "Batch protocol error", "End of File"};

/// Limits of what a user may have in the queue: jobs, or resources of all jobs together.
constexpr std::string_view kNoRoom[] = {"would exceed ", "Maximum number of jobs"};

constexpr std::string_view kTooLarge[] = {"Array job exceeds server or queue size limit"};

constexpr std::string_view kUnknownJob[] = {"Unknown Job Id", "has finished"};

constexpr std::string_view kNoHistory[] = {"not configured to maintain job history"};

constexpr const char* kTooManyStarts = "too many failed attempts to run";

/// Exit_status of a job that PBS ended, or that was ended by a signal.
constexpr int kKilledForVirtualMemory = -26;
constexpr int kKilledForMemory = -27;
constexpr int kKilledForCpuTime = -28;
constexpr int kKilledForWallTime = -29;
constexpr int kKilledBySignal = 256;  // and the signal

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The parts of "12[3].server": "12", "3" and ".server"; the second is empty for "12[].server" and
/// missing for "12.server".
struct JobId {
  std::string number;
  std::optional<std::string> index;
  std::string server;
};

std::optional<JobId> parse_id(std::string_view text) {
  JobId id;
  const auto end = std::min(text.find_first_of("[."), text.size());
  id.number = text.substr(0, end);
  text.remove_prefix(end);
  if (const auto close = text.find(']'); text.rfind('[', 0) == 0) {
    if (close == std::string_view::npos) return std::nullopt;
    id.index = text.substr(1, close - 1);
    if (!id.index->empty() && !is_number(*id.index)) return std::nullopt;
    text.remove_prefix(close + 1);
  }
  id.server = text;
  const bool has_server = text.empty() || text.front() == '.';
  return is_number(id.number) && has_server ? std::optional(id) : std::nullopt;
}

/// The fields of a line of DSV, "name=value" with "|" between them; "\|" is a part of a value.
std::map<std::string, std::string> parse_fields(std::string_view line) {
  std::map<std::string, std::string> fields;
  std::string field;
  const auto add = [&] {
    const auto equals = field.find('=');
    if (equals != std::string::npos)
      fields.emplace(field.substr(0, equals), field.substr(equals + 1));
    field.clear();
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) {
      field += line[++i];
    } else if (line[i] == '|') {
      add();
    } else {
      field += line[i];
    }
  }
  add();
  return fields;
}

JobPhase phase_of(const std::string& state, const std::string& comment) {
  if (state == "F" || state == "X") return JobPhase::kEnded;
  if (state == "H" && comment.find(kTooManyStarts) != std::string::npos) return JobPhase::kStuck;
  const bool waits = state == "Q" || state == "H" || state == "W" || state == "T";
  return waits ? JobPhase::kWaiting : JobPhase::kRunning;
}

std::string clock_time(std::chrono::minutes time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%02lld:%02lld:00",
                static_cast<long long>(time.count() / 60),
                static_cast<long long>(time.count() % 60));
  return text.data();
}

}  // namespace

/// Where the site adds -V to every qsub, a job must not take this one's index for its own.
std::vector<std::string> PbsDialect::environment() const {
  return unset_variables([](std::string_view name) { return name.rfind("PBS_ARRAY_", 0) == 0; });
}

std::vector<std::string> PbsDialect::submit_command(const BatchOptions& options,
                                                    const BatchRequest& request) const {
  std::vector<std::string> command = {"qsub", "-N", request.name, "-S",        "/bin/sh",
                                      "-j",   "oe", "-o",         "/dev/null", "-r",
                                      "y",    "-m", "n"};
  const auto add = [&](const char* option, const std::string& value) {
    if (!value.empty()) command.insert(command.end(), {option, value});
  };
  const Slots& slots = request.slots;
  if (request.jobs > 1) add("-J", "0-" + std::to_string(request.jobs - 1));
  add("-q", options.partition);
  add("-A", options.account);
  std::string select = "select=1:ncpus=" + std::to_string(slots.cpus);
  if (slots.memory_bytes > 0)
    select += ":mem=" + std::to_string(mebibytes(slots.memory_bytes)) + "mb";
  if (!slots.gpu_ids.empty())
    select += ':' + (options.gpu_resource.empty() ? "ngpus" : options.gpu_resource) + '=' +
              std::to_string(slots.gpu_ids.size());
  add("-l", select);
  if (options.time_limit.count() > 0) add("-l", "walltime=" + clock_time(options.time_limit));
  command.insert(command.end(), options.submit_arguments.begin(), options.submit_arguments.end());
  command.push_back((request.folder / "job.sh").string());
  return command;
}

JobSurroundings PbsDialect::surroundings(const BatchRequest& /*request*/) const {
  return {"${PBS_ARRAY_INDEX:-0}", kSecondsAsRestart, false, false};
}

std::optional<std::string> PbsDialect::parse_job_id(const std::string& output) const {
  std::istringstream lines(output);
  std::optional<std::string> id;
  for (std::string line; std::getline(lines, line);) {
    if (parse_id(line)) id = line;
  }
  return id;
}

SubmitTrouble PbsDialect::submit_trouble(const std::string& output) const {
  if (is_unanswered(output)) return SubmitTrouble::kNoAnswer;
  if (contains_any(output, kTooLarge)) return SubmitTrouble::kTooLarge;
  if (contains_any(output, kNoRoom)) return SubmitTrouble::kNoRoom;
  return SubmitTrouble::kRefused;
}

bool PbsDialect::is_unanswered(const std::string& output) const {
  return contains_any(output, kNoAnswer);
}

ListingAnswer PbsDialect::list(BatchCommands& commands, const JobTargets& targets) const {
  std::set<std::string> ids = targets.ids;
  for (const auto& name : targets.names) {
    const CommandResult found = commands.run({"qselect", "-N", name});
    if (!found.ok()) return {std::nullopt, found.output};
    std::istringstream lines(found.output);
    for (std::string line; std::getline(lines, line);) {
      if (parse_id(line)) ids.insert(line);
    }
  }
  if (ids.empty()) return {QueueListing(), {}};
  const std::vector<std::string> words(ids.begin(), ids.end());
  CommandResult result = commands.run(command_of({"qstat", "-x", "-t", "-f", "-F", "dsv"}, words));
  if (!result.ok() && contains_any(result.output, kNoHistory))
    result = commands.run(command_of({"qstat", "-t", "-f", "-F", "dsv"}, words));
  const bool answered =
      result.ok() || (contains_any(result.output, kUnknownJob) && !is_unanswered(result.output));
  if (!answered) return {std::nullopt, result.output};
  for (const auto& id : ids) {
    if (result.output.find(id.substr(0, id.find('.') + 1)) == std::string::npos)
      return {std::nullopt, "qstat: expected a word of job " + id + ", found none"};
  }
  return {parse_listing(result.output), {}};
}

QueueListing PbsDialect::parse_listing(const std::string& text) {
  constexpr std::string_view kBegin = "Job Id:";
  QueueListing listing;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(kBegin, 0) != 0) continue;
    const auto first = line.find_first_not_of(' ', kBegin.size());
    const auto end = std::min(line.find('|'), line.size());
    if (first >= end) continue;
    const auto id = parse_id(std::string_view(line).substr(first, end - first));
    if (!id || (id->index && id->index->empty())) continue;  // the array itself
    auto fields = parse_fields(std::string_view(line).substr(end));
    QueuedJob job;
    job.is_array = id->index.has_value();
    job.job_id = id->number + (job.is_array ? "[]" : "") + id->server;
    job.indices = parse_indices(id->index.value_or("0"));
    job.phase = phase_of(fields["job_state"], fields["comment"]);
    job.state = fields["job_state"];
    job.reason = fields["Exit_status"];
    listing.add(fields["Job_Name"], std::move(job));
  }
  return listing;
}

std::string PbsDialect::element(const std::string& job_id, int index) const {
  const auto bracket = job_id.find(']');
  if (bracket == std::string::npos) return job_id;
  return job_id.substr(0, bracket) + std::to_string(index) + job_id.substr(bracket);
}

std::vector<std::string> PbsDialect::cancel_command(const std::vector<std::string>& ids) const {
  return command_of({"qdel"}, ids);
}

std::vector<std::string> PbsDialect::cancel_command_by_name(
    const std::vector<std::string>& names) const {
  return command_of({"sh", "-c", "for name; do qselect -N \"$name\"; done | xargs -r qdel", "sh"},
                    names);
}

Failure PbsDialect::failure_of_state(const std::string& state, const std::string& reason,
                                     const std::string& log_tail) const {
  Failure failure = make_failure(Cause::kLost, "its cluster job vanished; tracejob may tell why");
  failure.stderr_tail = log_tail;
  if (state.empty()) return failure;
  failure.message = "its cluster job ended without a result";
  if (!reason.empty()) failure.message += " (Exit_status " + reason + ')';
  const int status = std::atoi(reason.c_str());
  if (status == kKilledForMemory || status == kKilledForVirtualMemory) {
    failure.cause = Cause::kMemory;
    failure.message = "its cluster job used more memory than it may";
  } else if (status == kKilledForWallTime || status == kKilledForCpuTime) {
    failure.cause = Cause::kTimeLimit;
    failure.message = "its cluster job ran into its time limit";
  } else if (status == kKilledBySignal + SIGTERM) {
    failure.cause = Cause::kCancelled;
    failure.message = "its cluster job was cancelled";
  } else if (status > kKilledBySignal) {
    failure.cause = Cause::kSignal;
    failure.signal = status - kKilledBySignal;
  } else if (!reason.empty() && status >= 0) {
    failure.cause = Cause::kExit;
  }
  return failure;
}

}  // namespace hypersynth::pipeline
