#include "pipeline/batch/batch_watcher.h"

#include <algorithm>
#include <cstring>

#include "pipeline/execution/execute.h"
#include "pipeline/execution/local_executor.h"
#include "pipeline/execution/task_file.h"

namespace hypersynth::pipeline {
namespace {

/// How often the work folder is looked at: soon again where a job has just ended, since more will
/// have, and in between at most so seldom that nobody notices the delay.
constexpr auto kFirstLook = std::chrono::milliseconds(20);
constexpr auto kLastLook = std::chrono::milliseconds(500);
/// What a network file system may take to show what another host wrote.
constexpr auto kMostGrace = std::chrono::milliseconds(1000);

}  // namespace

BatchWatcher::BatchWatcher(const BatchDialect& dialect, const BatchOptions& options,
                           const WorkFolder& work_folder, const BatchFolder& folder,
                           EventLoop& loop, BatchCaller& caller, BatchJobs& jobs, BatchQueue& queue,
                           std::function<void()> on_ended)
    : dialect_(dialect),
      options_(options),
      work_folder_(work_folder),
      folder_(folder),
      loop_(loop),
      caller_(caller),
      jobs_(jobs),
      queue_(queue),
      on_ended_(std::move(on_ended)) {}

std::chrono::milliseconds BatchWatcher::grace() const {
  return std::min(kMostGrace, options_.poll_interval);
}

void BatchWatcher::watch() {
  if (jobs_.empty() || look_timer_ != 0) return;
  since_ = Clock::now();
  look_delay_ = kFirstLook;
  look_timer_ = loop_.after(look_delay_, [this] { look(); });
}

void BatchWatcher::look() {
  look_timer_ = 0;
  const bool news = read_endings();
  look_delay_ = news ? kFirstLook : std::min(kLastLook, look_delay_ * 5 / 4);
  if (!jobs_.empty()) look_timer_ = loop_.after(look_delay_, [this] { look(); });
  if (news) on_ended_();
}

bool BatchWatcher::read_endings() {
  std::set<std::string> runs;
  for (const auto& [id, batch] : jobs_.batches()) runs.insert(id.run);
  bool news = false;
  for (const auto& run : runs) {
    for (const auto& [id, index] : folder_.endings(run)) news = read_ending(id, index) || news;
  }
  return news;
}

std::optional<Result> BatchWatcher::stored(const BatchJob& job) const {
  const Task& task = *job.work.task;
  return work_folder_.stored(task.folder, task.key.digest);
}

/// Whether the job has ended for good.
bool BatchWatcher::read_ending(const BatchId& id, int index) {
  BatchJob* job = jobs_.find(id, index);
  if (job == nullptr) return false;
  const auto ending = folder_.ending(id, index);
  if (!ending || job->was_killed || job->gone_since) return false;
  if (auto result = stored(*job)) {
    jobs_.finish(id, index, std::move(*result));
  } else if (ending->was_killed()) {
    job->was_killed = true;
    queue_.plan();
    return false;
  } else if (ending->exit_code == 0) {  // a network file system does not show the result yet
    set_gone(*job, "", "");
    return false;
  } else {
    jobs_.finish(id, index, read_failure(id, index, *ending));
  }
  return true;
}

void BatchWatcher::on_listing(const QueueListing& listing, Clock::time_point asked) {
  std::vector<std::string> stuck;
  for (const auto& [id, size] : jobs_.finished_batches()) find_revenants(listing, id, size);
  for (auto& [id, batch] : jobs_.batches()) {
    if (batch.submitted >= asked) continue;
    find_revenants(listing, id, batch.size);
    for (auto& [index, job] : batch.jobs) {
      const QueuedJob* listed = listing.find(id, index);
      if (listed != nullptr && listed->phase == JobPhase::kStuck)
        stuck.push_back(listed->is_array ? dialect_.element(batch.job_id, index) : batch.job_id);
      update(id, index, job, listed);
    }
  }
  if (stuck.empty()) return;
  caller_.call(dialect_.cancel_command(stuck), [](const CommandResult&) {});
}

/// A server that was killed may have forgotten that a job has ended: it runs it again, or holds
/// it for ever, as its folder is gone.
void BatchWatcher::find_revenants(const QueueListing& listing, const BatchId& id, int size) {
  for (int index = 0; index < size; ++index) {
    if (jobs_.find(id, index) != nullptr) continue;
    const QueuedJob* job = listing.find(id, index);
    if (job == nullptr) continue;
    if (job->phase == JobPhase::kWaiting || job->phase == JobPhase::kStuck)
      revenants_.insert(job->job_id);
  }
}

void BatchWatcher::update(const BatchId& id, int index, BatchJob& job, const QueuedJob* listed) {
  if (listed != nullptr && listed->is_alive() && listed->phase != JobPhase::kStuck) {
    // One that waits will run again; one that is said to run may be a killed one on its way out.
    if (job.was_killed && listed->phase == JobPhase::kWaiting) {
      folder_.forget_ending(id, index);
      job.was_killed = false;
    }
    job.gone_since.reset();
  } else if (!job.gone_since) {
    set_gone(job, listed != nullptr ? listed->state : "", listed != nullptr ? listed->reason : "");
  }
}

void BatchWatcher::set_gone(BatchJob& job, const std::string& state, const std::string& reason) {
  job.gone_since = Clock::now();
  job.state = state;
  job.reason = reason;
  if (conclude_timer_ == 0) conclude_timer_ = loop_.after(grace(), [this] { conclude_gone(); });
}

/// Ends the jobs that have been gone for long enough: what they left is their outcome.
void BatchWatcher::conclude_gone() {
  conclude_timer_ = 0;
  const auto now = Clock::now();
  bool more = false;
  std::vector<std::pair<BatchId, int>> gone;
  std::set<std::string> runs;
  for (const auto& [id, batch] : jobs_.batches()) {
    for (const auto& [index, job] : batch.jobs) {
      if (!job.gone_since) continue;
      if (now - *job.gone_since < grace()) {
        more = true;
        continue;
      }
      gone.emplace_back(id, index);
      runs.insert(id.run);
    }
  }
  for (const auto& run : runs) folder_.refresh(run);
  for (const auto& [id, index] : gone) {
    const BatchJob& job = *jobs_.find(id, index);
    if (auto result = stored(job)) {
      jobs_.finish(id, index, std::move(*result));
    } else {
      jobs_.finish(id, index, failure_of_gone(id, index, job));
    }
  }
  if (more) conclude_timer_ = loop_.after(grace(), [this] { conclude_gone(); });
  on_ended_();
}

/// The failure that the job's program reported, or else what its exit code says.
Failure BatchWatcher::read_failure(const BatchId& id, int index,
                                   const BatchFolder::Ending& ending) const {
  const auto told = work_folder_.file_system().read(folder_.report(id, index, ending.restart));
  if (auto reported = told ? failure_from_json_text(*told) : std::nullopt) return *reported;
  if (ending.exit_code > 128) {  // as a shell tells of a signal
    Failure failure = make_failure(Cause::kSignal, "");
    failure.exit_code = ending.exit_code;
    failure.signal = ending.exit_code - 128;
    failure.message = "its process was ended by signal " + std::to_string(failure.signal) + " (" +
                      ::strsignal(failure.signal) + ')';
    return failure;
  }
  Failure failure = make_failure(
      Cause::kExit, "its cluster job ended with exit code " + std::to_string(ending.exit_code) +
                        " and without a result; see the last lines of its output");
  failure.exit_code = ending.exit_code;
  return failure;
}

Failure BatchWatcher::failure_of_gone(const BatchId& id, int index, const BatchJob& job) const {
  Failure failure = dialect_.failure_of_state(
      job.state, job.reason, tail(work_folder_.file_system(), folder_.log(id, index)));
  const auto ending = folder_.ending(id, index);
  // Of a kill the scheduler knows the reason, unless all that it knows is how the script ended.
  const bool is_explained = failure.cause == Cause::kMemory || failure.cause == Cause::kTimeLimit ||
                            failure.cause == Cause::kCancelled;
  const bool told_by_script = dialect_.knows_only_script(job.state) && !is_explained;
  if (ending && ending->exit_code != 0 && (!ending->was_killed() || told_by_script))
    return read_failure(id, index, *ending);
  if (ending && ending->exit_code == 0)
    failure = make_failure(Cause::kExit, "its cluster job ended without a result");
  if (disk_is_full(work_folder_.file_system(), work_folder_.root())) {
    failure.cause = Cause::kDiskFull;
    return failure;
  }
  const bool vanished = job.state.empty() && !ending;
  return cancelling_ && vanished ? cancelled_failure() : failure;
}

}  // namespace hypersynth::pipeline
