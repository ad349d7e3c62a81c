#include <algorithm>
#include <cstring>
#include <system_error>

#include "pipeline/execution/execute.h"
#include "pipeline/execution/local_executor.h"
#include "pipeline/execution/task_file.h"
#include "pipeline/slurm/slurm_executor.h"

namespace hypersynth::pipeline {
namespace {

constexpr auto kFirstLook = std::chrono::milliseconds(20);
constexpr auto kLastLook = std::chrono::milliseconds(500);
constexpr auto kLongestPoll = std::chrono::milliseconds(60'000);
/// What a network file system may take to show what another host wrote.
constexpr auto kMostGrace = std::chrono::milliseconds(1000);

}  // namespace

std::chrono::milliseconds SlurmExecutor::grace() const {
  return std::min(kMostGrace, options_.poll_interval);
}

void SlurmExecutor::watch() {
  if (batches_.empty()) return;
  if (look_timer_ == 0) {
    watched_since_ = Clock::now();
    look_delay_ = kFirstLook;
    look_timer_ = loop_.after(look_delay_, [this] { look(); });
  }
  plan_poll();
}

/// Looks for ends of jobs: often while they come, less often while nothing does.
void SlurmExecutor::look() {
  look_timer_ = 0;
  const bool news = read_endings();
  look_delay_ = news ? kFirstLook : std::min(kLastLook, look_delay_ * 5 / 4);
  if (!batches_.empty()) look_timer_ = loop_.after(look_delay_, [this] { look(); });
  if (news) submit_next();
}

bool SlurmExecutor::read_endings() {
  std::set<std::string> runs;
  for (const auto& [id, batch] : batches_) runs.insert(id.run);
  bool news = false;
  for (const auto& run : runs) {
    for (const auto& [id, index] : folder_.endings(run)) news = read_ending(id, index) || news;
  }
  return news;
}

std::optional<Result> SlurmExecutor::stored(const Task& task) const {
  return work_folder_.stored(task.folder, task.key.digest);
}

bool SlurmExecutor::read_ending(const BatchId& id, int index) {
  const auto batch = batches_.find(id);
  if (batch == batches_.end()) return false;
  const auto found = batch->second.jobs.find(index);
  if (found == batch->second.jobs.end()) return false;
  Job& job = found->second;
  const auto ending = folder_.ending(id, index);
  if (!ending || job.was_killed || job.gone_since) return false;
  if (auto result = stored(*job.waiting.task)) {
    finish(id, index, std::move(*result));
  } else if (ending->was_killed()) {
    job.was_killed = true;
    plan_poll();
    return false;
  } else if (ending->exit_code == 0) {  // a network file system does not show the result yet
    set_gone(job, "COMPLETED", "");
    return false;
  } else {
    finish(id, index, read_failure(id, index, *ending));
  }
  return true;
}

Failure SlurmExecutor::read_failure(const BatchId& id, int index,
                                    const SlurmFolder::Ending& ending) const {
  const auto told = work_folder_.file_system().read(folder_.report(id, index, ending.restart));
  if (auto reported = told ? failure_from_json_text(*told) : std::nullopt) return *reported;
  Failure failure;
  failure.cause = Cause::kExit;
  failure.exit_code = ending.exit_code;
  failure.message = "its cluster job ended with exit code " + std::to_string(ending.exit_code) +
                    " and without a result; see the last lines of its output";
  if (ending.exit_code > 128) {
    failure.cause = Cause::kSignal;
    failure.signal = ending.exit_code - 128;
    failure.message = "its process was ended by signal " + std::to_string(failure.signal) + " (" +
                      ::strsignal(failure.signal) + ')';
  }
  return failure;
}

bool SlurmExecutor::is_poll_urgent() const {
  if (!unresolved_.empty()) return true;
  return std::any_of(batches_.begin(), batches_.end(), [](const auto& entry) {
    const Batch& batch = entry.second;
    return batch.job_id.empty() ||
           std::any_of(batch.jobs.begin(), batch.jobs.end(),
                       [](const auto& job) { return job.second.was_killed; });
  });
}

/// Sets the time of the next squeue: never sooner than the interval after the last one.
void SlurmExecutor::plan_poll() {
  if (polling_ || cancelled_ || (batches_.empty() && unresolved_.empty())) return;
  if (poll_timer_ != 0) loop_.cancel(poll_timer_);
  std::chrono::milliseconds interval = options_.poll_interval;
  for (int i = 0; i < failed_polls_ && interval < kLongestPoll; ++i) interval *= 2;
  const auto now = Clock::now();
  auto due = last_poll_ ? *last_poll_ + interval : now;
  if (!is_poll_urgent()) due = std::max(due, watched_since_ + interval);
  const auto delay = std::chrono::ceil<std::chrono::milliseconds>(std::max(due, now) - now);
  poll_timer_ = loop_.after(delay, [this] { poll(); });
}

void SlurmExecutor::poll() {
  poll_timer_ = 0;
  if (cancelled_ || (batches_.empty() && unresolved_.empty())) return;
  polling_ = true;
  const auto asked = Clock::now();
  last_poll_ = asked;
  run_command(squeue_command(), [this, asked](const CommandResult& result) {
    polling_ = false;
    if (cancelled_) return;
    if (result.ok()) {
      failed_polls_ = 0;
      unanswered_since_.reset();
      on_listing(QueueListing(result.output), asked);
    } else {
      ++failed_polls_;
      on_unanswered(result.output);
    }
    plan_poll();
    submit_next();
  });
}

void SlurmExecutor::on_unanswered(const std::string& output) {
  const auto now = Clock::now();
  if (!unanswered_since_) {
    unanswered_since_ = now;
    warn_("SLURM does not answer (" + first_line(output) + "); it is asked again");
  }
  if (now - *unanswered_since_ < options_.patience) return;
  unanswered_since_.reset();
  Failure failure;
  failure.cause = Cause::kLost;
  failure.message =
      "SLURM has not answered for " + std::to_string(options_.patience.count()) + " min";
  finish_all(failure);
}

void SlurmExecutor::on_listing(const QueueListing& listing, Clock::time_point asked) {
  resolve_orphans(listing);
  resolve_doubtful(listing, asked);
  std::vector<std::string> stuck;
  for (const auto& [id, size] : finished_) find_revenants(listing, id, size);
  for (auto& [id, batch] : batches_) {
    if (batch.submitted >= asked) continue;
    find_revenants(listing, id, batch.size);
    for (auto& [index, job] : batch.jobs) {
      const QueuedJob* listed = listing.find(id, index);
      if (listed != nullptr && listed->is_stuck())
        stuck.push_back(batch.job_id +
                        (listed->indices == "N/A" ? "" : '_' + std::to_string(index)));
      update(id, index, job, listed);
    }
  }
  if (stuck.empty()) return;
  stuck.insert(stuck.begin(), {"scancel", "--quiet"});
  run_command(stuck, [](const CommandResult&) {});
}

/// A controller that was killed may have forgotten that a job has ended: it runs it again, or holds
/// it for ever, as its folder is gone.
void SlurmExecutor::find_revenants(const QueueListing& listing, const BatchId& id, int size) {
  const auto batch = batches_.find(id);
  for (int index = 0; index < size; ++index) {
    if (batch != batches_.end() && batch->second.jobs.count(index) == 1) continue;
    const QueuedJob* job = listing.find(id, index);
    if (job != nullptr && job->state == "PENDING") revenants_.insert(job->job_id);
  }
}

/// Submissions that sbatch got no answer for: either there is a job after all, or they wait again.
void SlurmExecutor::resolve_doubtful(const QueueListing& listing, Clock::time_point asked) {
  std::vector<BatchId> missing;
  for (auto& [id, batch] : batches_) {
    if (!batch.job_id.empty() || batch.submitted >= asked) continue;
    batch.job_id = listing.job_id(id).value_or(std::string());
    if (batch.job_id.empty()) missing.push_back(id);
  }
  for (const auto& id : missing) {
    std::vector<Waiting> group;
    for (auto& [index, job] : batches_.at(id).jobs) group.push_back(std::move(job.waiting));
    batches_.erase(id);
    folder_.remove(id);
    wait_again(std::move(group));
  }
}

void SlurmExecutor::set_gone(Job& job, const std::string& state, const std::string& reason) {
  job.gone_since = Clock::now();
  job.state = state;
  job.reason = reason;
  if (conclude_timer_ == 0) conclude_timer_ = loop_.after(grace(), [this] { conclude_gone(); });
}

/// What squeue says of a job.
void SlurmExecutor::update(const BatchId& id, int index, Job& job, const QueuedJob* listed) {
  if (listed != nullptr && listed->is_alive() && !listed->is_stuck()) {
    if (job.was_killed) folder_.forget_ending(id, index);  // it runs, or will run, again
    job.was_killed = false;
    job.gone_since.reset();
  } else if (!job.gone_since) {
    set_gone(job, listed != nullptr ? listed->state : "", listed != nullptr ? listed->reason : "");
  }
}

/// Jobs that squeue does not count on any more: what they left is their outcome.
void SlurmExecutor::conclude_gone() {
  conclude_timer_ = 0;
  const auto now = Clock::now();
  bool more = false;
  std::vector<std::pair<BatchId, int>> gone;
  std::set<std::string> runs;
  for (const auto& [id, batch] : batches_) {
    for (const auto& [index, job] : batch.jobs) {
      if (!job.gone_since) continue;
      more = more || now - *job.gone_since < grace();
      if (now - *job.gone_since < grace()) continue;
      gone.emplace_back(id, index);
      runs.insert(id.run);
    }
  }
  for (const auto& run : runs) folder_.refresh(run);
  for (const auto& [id, index] : gone) {
    const Job& job = batches_.at(id).jobs.at(index);
    if (auto result = stored(*job.waiting.task)) {
      finish(id, index, std::move(*result));
    } else {
      finish(id, index, failure_of_gone(id, index, job));
    }
  }
  if (more) conclude_timer_ = loop_.after(grace(), [this] { conclude_gone(); });
  submit_next();
}

Failure SlurmExecutor::failure_of_gone(const BatchId& id, int index, const Job& job) const {
  Failure failure = failure_of_state(job.state, job.reason,
                                     tail(work_folder_.file_system(), folder_.log(id, index)));
  const auto ending = folder_.ending(id, index);
  // Of a kill SLURM knows the reason, unless all that it knows is how the script ended.
  const bool told_by_script = job.state == "FAILED" && failure.cause != Cause::kMemory;
  if (ending && ending->exit_code != 0 && (!ending->was_killed() || told_by_script))
    return read_failure(id, index, *ending);
  if (disk_is_full(work_folder_.file_system(), work_folder_.root())) {
    failure.cause = Cause::kDiskFull;
    return failure;
  }
  return stopping_ && job.state.empty() ? cancelled_failure() : failure;
}

}  // namespace hypersynth::pipeline
