#include "pipeline/slurm/slurm_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <signal.h>
#include <sstream>
#include <string_view>
#include <unistd.h>

#include "core/shell_text.h"
#include "pipeline/execution/local_executor.h"

namespace hypersynth::pipeline {
namespace {

template <std::size_t N>
bool contains_any(const std::string& text, const std::array<std::string_view, N>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return text.find(part) != std::string::npos; });
}

constexpr std::array<std::string_view, 10> kEndedStates = {
    "BOOT_FAIL", "CANCELLED", "COMPLETED",     "DEADLINE", "FAILED",
    "NODE_FAIL", "PREEMPTED", "OUT_OF_MEMORY", "REVOKED",  "TIMEOUT"};

constexpr std::array<std::string_view, 4> kHopeless = {"launch failed requeued held",
                                                       "JobHoldMaxRequeue", "BadConstraints",
                                                       "DependencyNeverSatisfied"};

constexpr std::array<std::string_view, 10> kNoAnswer = {"Unable to contact slurm controller",
                                                        "Socket timed out",
                                                        "timed out after",
                                                        "Slurm temporarily unable",
                                                        "Connection refused",
                                                        "Connection reset",
                                                        "Zero Bytes were transmitted",
                                                        "Transport endpoint is not connected",
                                                        "Resource temporarily unavailable",
                                                        "Unexpected message received"};

constexpr std::array<std::string_view, 3> kNoRoom = {"MaxSubmit", "job submit limit reached",
                                                     "Reached maximum number of jobs"};

/// The end of the part of `text` in front of its last `count` dots, or npos.
std::size_t before_last_dots(std::string_view text, int count) {
  std::size_t at = text.size();
  for (; count > 0; --count) {
    if (at == 0) return std::string_view::npos;
    at = text.rfind('.', at - 1);
    if (at == std::string_view::npos) return at;
  }
  return at;
}

/// "7" or "7-20" holds `index`.
bool range_has(std::string_view range, int index) {
  int first = 0;
  const auto [end, error] = std::from_chars(range.data(), range.data() + range.size(), first);
  if (error != std::errc()) return false;
  int last = first;
  if (end != range.data() + range.size() && *end == '-')
    std::from_chars(end + 1, range.data() + range.size(), last);
  return first <= index && index <= last;
}

/// sbatch replaces "%" followed by a letter, in folders too; a backslash turns that off.
std::string output_pattern(const fs::path& batch) {
  std::string pattern;
  for (const char c : batch.string()) {
    if (c == '\\' || c == '\n') return "/dev/null";
    pattern += c == '%' ? std::string("%%") : std::string(1, c);
  }
  return pattern;
}

}  // namespace

bool QueuedJob::has(int index) const {
  if (indices == "N/A") return index == 0;
  std::string_view rest = indices;
  rest = rest.substr(0, rest.find('%'));  // "0-99%4": at most four at a time
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    if (range_has(rest.substr(0, comma), index)) return true;
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return false;
}

std::optional<int> QueuedJob::single_index() const {
  if (indices == "N/A") return 0;
  int index = 0;
  const char* const last = indices.data() + indices.size();
  const auto [end, error] = std::from_chars(indices.data(), last, index);
  return error == std::errc() && end == last ? std::optional(index) : std::nullopt;
}

bool QueuedJob::is_alive() const {
  return std::find(kEndedStates.begin(), kEndedStates.end(), state) == kEndedStates.end();
}

bool QueuedJob::is_stuck() const {
  return state == "PENDING" &&
         std::find(kHopeless.begin(), kHopeless.end(), reason) != kHopeless.end();
}

QueueListing::QueueListing(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    QueuedJob job;
    std::string name;
    if (!std::getline(fields, job.job_id, '|') || !std::getline(fields, job.indices, '|') ||
        !std::getline(fields, job.state, '|') || !std::getline(fields, job.reason, '|') ||
        !std::getline(fields, name))
      continue;
    const std::size_t prefix = before_last_dots(name, 2);
    if (prefix == std::string::npos) continue;
    Batch& batch = batches_[name.substr(prefix + 1)];
    const auto index = job.single_index();
    if (index) {
      batch.jobs.insert_or_assign(*index, std::move(job));
    } else {
      batch.ranges.push_back(std::move(job));
    }
  }
}

const QueuedJob* QueueListing::find(const BatchId& id, int index) const {
  const auto batch = batches_.find(id.text());
  if (batch == batches_.end()) return nullptr;
  const auto job = batch->second.jobs.find(index);
  if (job != batch->second.jobs.end()) return &job->second;
  for (const auto& range : batch->second.ranges) {
    if (range.has(index)) return &range;
  }
  return nullptr;
}

std::optional<std::string> QueueListing::job_id(const BatchId& id) const {
  const auto batch = batches_.find(id.text());
  if (batch == batches_.end()) return std::nullopt;
  const auto& [jobs, ranges] = batch->second;
  return ranges.empty() ? jobs.begin()->second.job_id : ranges.front().job_id;
}

std::vector<std::string> squeue_command() {
  return {"squeue", "--noheader", "--states=all", "--user=" + std::to_string(::geteuid()),
          "--format=%F|%K|%T|%r|%j"};
}

std::string job_name(const SlurmOptions& options, const BatchId& id) {
  return options.job_name + '.' + id.text();
}

std::vector<std::string> sbatch_command(const SlurmOptions& options, const SlurmFolder& folder,
                                        const BatchId& id, const Slots& slots, std::size_t jobs) {
  constexpr std::uint64_t kMebibyte = 1024 * 1024;
  std::vector<std::string> command = {"sbatch", "--parsable",
                                      "--job-name=" + job_name(options, id)};
  const auto add = [&](const std::string& option, const std::string& value) {
    if (!value.empty()) command.push_back(option + '=' + value);
  };
  if (jobs > 1) add("--array", "0-" + std::to_string(jobs - 1));
  add("--partition", options.partition);
  add("--account", options.account);
  add("--nodes", "1");
  add("--ntasks", "1");
  add("--cpus-per-task", std::to_string(slots.cpus));
  if (slots.memory_bytes > 0)
    add("--mem", std::to_string((slots.memory_bytes + kMebibyte - 1) / kMebibyte) + 'M');
  if (!slots.gpu_ids.empty())
    add("--gres", options.gpu_resource + ':' + std::to_string(slots.gpu_ids.size()));
  if (options.time_limit.count() > 0) add("--time", std::to_string(options.time_limit.count()));
  const std::string output = output_pattern(folder.batch(id));
  add("--output", output == "/dev/null" ? output : output + (jobs > 1 ? "/%a.log" : "/0.log"));
  for (const char* option : {"--open-mode=append", "--requeue", "--chdir=/"})
    command.emplace_back(option);
  command.insert(command.end(), options.sbatch_arguments.begin(), options.sbatch_arguments.end());
  command.push_back((folder.batch(id) / "job.sh").string());
  return command;
}

std::string job_script(const SlurmFolder& folder, const BatchId& id, const Slots& slots,
                       const std::vector<std::string>& program, const fs::path& current_folder) {
  std::string words;
  for (const auto& word : program) words += shell_quoted(word) + ' ';
  const std::string ended = folder.ended(id, 0).string();
  std::ostringstream script;
  script << "#!/bin/sh\n"
         << "folder=" << shell_quoted(folder.batch(id).string()) << '\n'
         << "ended=" << shell_quoted(ended.substr(0, ended.size() - 1)) << '\n'
         << "index=${SLURM_ARRAY_TASK_ID:-0}\n"
         << "restart=${SLURM_RESTART_COUNT:-0}\n";
  if (output_pattern(folder.batch(id)) == "/dev/null")
    script << "exec >>\"$folder/$index.log\" 2>&1\n";
  for (const auto& [name, value] : slot_environment(slots, false))
    script << "export " << name << '=' << value << '\n';
  script << "cd " << shell_quoted(current_folder.string()) << " &&\n  " << words
         << "--run-node \"$folder/$index.task\" --restart \"$restart\"\n"
         << "code=$?\n"
         << "echo \"$code $restart\" >\"$ended$index\"\n"
         << "exit $code\n";
  return script.str();
}

std::optional<std::string> parse_job_id(const std::string& output) {
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

bool is_unanswered(const std::string& output) { return contains_any(output, kNoAnswer); }

SubmitTrouble submit_trouble(const std::string& output) {
  if (is_unanswered(output)) return SubmitTrouble::kNoAnswer;
  if (contains_any(output, kNoRoom)) return SubmitTrouble::kNoRoom;
  if (output.find("Invalid job array specification") != std::string::npos)
    return SubmitTrouble::kTooLarge;
  return SubmitTrouble::kRefused;
}

Failure failure_of_state(const std::string& state, const std::string& reason,
                         const std::string& log_tail) {
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

std::string first_line(const std::string& output) { return output.substr(0, output.find('\n')); }

}  // namespace hypersynth::pipeline
