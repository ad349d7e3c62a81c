#include <algorithm>
#include <system_error>

#include <boost/filesystem/operations.hpp>

#include "pipeline/execution/execute.h"
#include "pipeline/slurm/slurm_executor.h"

namespace hypersynth::pipeline {
namespace {

/// Least time between two submissions: nodes that become ready meanwhile share one.
constexpr auto kSubmitGap = std::chrono::milliseconds(250);

bool same_slots(const Slots& a, const Slots& b) {
  return a.cpus == b.cpus && a.memory_bytes == b.memory_bytes && a.gpu_ids == b.gpu_ids;
}

}  // namespace

void SlurmExecutor::find_orphans() {
  for (auto& orphans : folder_.orphans(known_runs_)) {
    if (orphans.unfinished.empty()) {
      folder_.remove(orphans.id);
    } else {
      unresolved_.push_back(std::move(orphans));
    }
  }
  if (!unresolved_.empty()) plan_poll();
}

void SlurmExecutor::resolve_orphans(const QueueListing& listing) {
  for (const auto& orphans : std::exchange(unresolved_, {})) {
    bool any = false;
    for (const auto& [index, key] : orphans.unfinished) {
      const QueuedJob* job = listing.find(orphans.id, index);
      if (job == nullptr || !job->is_alive()) continue;
      any = true;
      orphans_.insert_or_assign(key, Orphan{orphans.id, index, job->job_id});
    }
    if (!any) folder_.remove(orphans.id);
  }
}

void SlurmExecutor::adopt_waiting() {
  if (orphans_.empty()) return;
  std::vector<Waiting> rest;
  for (auto& waiting : std::exchange(waiting_, {})) {
    const auto orphan = orphans_.extract(waiting.task->key.digest);
    if (orphan.empty()) {
      rest.push_back(std::move(waiting));
      continue;
    }
    Batch& batch = batches_[orphan.mapped().id];
    batch.job_id = orphan.mapped().job_id;
    batch.jobs[orphan.mapped().index].waiting = std::move(waiting);
  }
  waiting_ = std::move(rest);
  watch();
}

bool SlurmExecutor::has_to_pause() {
  if (submitting_ || no_room_ || unanswered_since_ || !unresolved_.empty()) return true;
  const auto now = Clock::now();
  if (now >= next_submit_) return false;
  if (submit_timer_ == 0) {
    const auto delay = std::chrono::ceil<std::chrono::milliseconds>(next_submit_ - now);
    submit_timer_ = loop_.after(delay, [this] {
      submit_timer_ = 0;
      submit_next();
    });
  }
  return true;
}

std::vector<SlurmExecutor::Waiting> SlurmExecutor::take_group() {
  const Slots slots = waiting_.front().task->slots;
  const auto limit = static_cast<std::size_t>(std::min(array_limit_, room_limit_));
  std::vector<Waiting> group;
  std::vector<Waiting> rest;
  for (auto& waiting : std::exchange(waiting_, {})) {
    const bool joins = group.size() < limit && same_slots(waiting.task->slots, slots);
    (joins ? group : rest).push_back(std::move(waiting));
  }
  waiting_ = std::move(rest);
  return group;
}

void SlurmExecutor::submit_next() {
  if (stopping_) return finish_waiting(cancelled_failure());
  if (unresolved_.empty()) adopt_waiting();
  if (waiting_.empty() || has_to_pause()) return;
  submitting_ = true;
  const BatchId id{work_folder_.run_id(), next_batch_++};
  const auto group = take_group();
  std::vector<Task> tasks;
  for (const auto& waiting : group) {
    tasks.push_back(*waiting.task);
    tasks.back().attempt_dir = folder_.attempt(id, static_cast<int>(tasks.size()) - 1);
  }
  threads_.submit([this, id, group, tasks = std::move(tasks)] {
    const Submission submission = submit(id, tasks);
    loop_.post([this, id, group, submission] { on_submitted(id, group, submission); });
  });
}

SlurmExecutor::Submission SlurmExecutor::submit(const BatchId& id,
                                                const std::vector<Task>& tasks) const {
  Submission submission;
  const Slots& slots = tasks.front().slots;
  try {
    folder_.write(id, tasks, job_script(folder_, id, slots, program_, fs::current_path()));
    submission.result = commands_->run(sbatch_command(options_, folder_, id, slots, tasks.size()));
  } catch (const std::exception&) {
    submission.failure = current_failure(work_folder_, {});
  }
  return submission;
}

void SlurmExecutor::on_submitted(const BatchId& id, std::vector<Waiting> group,
                                 const Submission& submission) {
  submitting_ = false;
  next_submit_ = Clock::now() + kSubmitGap;
  const auto job_id =
      submission.result.ok() ? parse_job_id(submission.result.output) : std::nullopt;
  if (submission.failure) {
    folder_.remove(id);
    for (const auto& waiting : group) waiting.done(*waiting.task, *submission.failure);
  } else if (!job_id) {
    on_trouble(id, std::move(group), submission.result.output);
  } else {
    room_limit_ = std::min(array_limit_, 2 * room_limit_);
    add_batch(id, *job_id, std::move(group));
    watch();
  }
  if (cancelled_) return cancel_batches(1);
  if (stopping_) return stop_waiting();
  submit_next();
}

void SlurmExecutor::add_batch(const BatchId& id, const std::string& job_id,
                              std::vector<Waiting> group) {
  Batch& batch = batches_[id];
  batch.job_id = job_id;
  batch.submitted = Clock::now();
  for (auto& waiting : group) batch.jobs[batch.size++].waiting = std::move(waiting);
}

void SlurmExecutor::wait_again(std::vector<Waiting> group) {
  std::move(waiting_.begin(), waiting_.end(), std::back_inserter(group));
  waiting_ = std::move(group);
}

void SlurmExecutor::on_trouble(const BatchId& id, std::vector<Waiting> group,
                               const std::string& output) {
  const auto size = static_cast<int>(group.size());
  SubmitTrouble trouble = submit_trouble(output);
  if (trouble == SubmitTrouble::kTooLarge && size == 1) trouble = SubmitTrouble::kRefused;
  if (trouble == SubmitTrouble::kNoAnswer) {
    add_batch(id, "", std::move(group));
    on_unanswered(output);
    return watch();
  }
  folder_.remove(id);
  if (trouble == SubmitTrouble::kRefused) {
    Failure failure;
    failure.cause = Cause::kRefused;
    failure.message = "SLURM refused its job: " + first_line(output);
    failure.stderr_tail = output;
    for (const auto& waiting : group) waiting.done(*waiting.task, failure);
    return;
  }
  wait_again(std::move(group));
  if (trouble == SubmitTrouble::kTooLarge) {
    array_limit_ = room_limit_ = size / 2;
    return;
  }
  if (room_limit_ == array_limit_)
    warn_("SLURM takes no more jobs for now (" + first_line(output) + "); the rest waits");
  room_limit_ = std::max(1, size / 2);
  if (size > 1) return;
  no_room_ = true;  // until a job ends, or a while has passed
  loop_.after(options_.poll_interval, [this] {
    no_room_ = false;
    submit_next();
  });
}

}  // namespace hypersynth::pipeline
