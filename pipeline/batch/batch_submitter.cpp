#include "pipeline/batch/batch_submitter.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/filesystem/operations.hpp>

#include "pipeline/execution/execute.h"

namespace hypersynth::pipeline {
namespace {

/// Least time between two submissions: nodes that become ready meanwhile share one.
constexpr auto kSubmitGap = std::chrono::milliseconds(250);

bool same_slots(const Slots& a, const Slots& b) {
  return a.cpus == b.cpus && a.memory_bytes == b.memory_bytes && a.gpu_ids == b.gpu_ids;
}

}  // namespace

BatchSubmitter::BatchSubmitter(const BatchDialect& dialect, const BatchOptions& options,
                               const WorkFolder& work_folder, const BatchFolder& folder,
                               EventLoop& loop, BatchCaller& caller, BatchOrphans& orphans,
                               BatchJobs& jobs, BatchQueue& queue, std::vector<std::string> program,
                               Hooks hooks)
    : dialect_(dialect),
      options_(options),
      work_folder_(work_folder),
      folder_(folder),
      loop_(loop),
      caller_(caller),
      orphans_(orphans),
      jobs_(jobs),
      queue_(queue),
      program_(std::move(program)),
      hooks_(std::move(hooks)),
      array_limit_(options.max_array_size),
      room_limit_(options.max_array_size) {}

void BatchSubmitter::wait_again(std::vector<BatchTask> tasks) {
  std::move(waiting_.begin(), waiting_.end(), std::back_inserter(tasks));
  waiting_ = std::move(tasks);
}

void BatchSubmitter::finish_waiting(const Failure& failure) {
  for (const auto& waiting : std::exchange(waiting_, {})) waiting.done(*waiting.task, failure);
}

void BatchSubmitter::adopt_orphans() {
  if (orphans_.are_in_doubt()) return;
  std::vector<BatchTask> rest;
  for (auto& waiting : std::exchange(waiting_, {})) {
    if (const auto orphan = orphans_.adopt(waiting.task->key.digest)) {
      jobs_.adopt(*orphan, std::move(waiting));
    } else {
      rest.push_back(std::move(waiting));
    }
  }
  waiting_ = std::move(rest);
}

bool BatchSubmitter::has_to_pause() {
  const bool is_full = full_at_ && *full_at_ == jobs_.ended();
  if (submitting_ || is_full || !queue_.is_answering() || orphans_.are_in_doubt()) return true;
  const auto now = Clock::now();
  if (now >= next_submit_) return false;
  if (timer_ == 0) {
    const auto delay = std::chrono::ceil<std::chrono::milliseconds>(next_submit_ - now);
    timer_ = loop_.after(delay, [this] {
      timer_ = 0;
      hooks_.on_room();
    });
  }
  return true;
}

std::vector<BatchTask> BatchSubmitter::take_group() {
  const Slots slots = waiting_.front().task->slots;
  const auto limit = static_cast<std::size_t>(std::min(array_limit_, room_limit_));
  std::vector<BatchTask> group;
  std::vector<BatchTask> rest;
  for (auto& waiting : std::exchange(waiting_, {})) {
    const bool joins = group.size() < limit && same_slots(waiting.task->slots, slots);
    (joins ? group : rest).push_back(std::move(waiting));
  }
  waiting_ = std::move(rest);
  return group;
}

void BatchSubmitter::submit() {
  if (stopping_) return finish_waiting(cancelled_failure());
  adopt_orphans();
  if (waiting_.empty() || has_to_pause()) return;
  submitting_ = true;
  const BatchId id{work_folder_.run_id(), next_batch_++};
  const auto group = take_group();
  std::vector<Task> tasks;
  for (const auto& waiting : group) {
    tasks.push_back(*waiting.task);
    tasks.back().attempt_dir = folder_.attempt(id, static_cast<int>(tasks.size()) - 1);
  }
  caller_.in_background(
      [this, id, tasks = std::move(tasks)](BatchCommands& commands) {
        return submit_group(id, tasks, commands);
      },
      [this, id, group](const Submission& submission) { on_submitted(id, group, submission); });
}

BatchSubmitter::Submission BatchSubmitter::submit_group(const BatchId& id,
                                                        const std::vector<Task>& tasks,
                                                        BatchCommands& commands) const {
  Submission submission;
  const BatchRequest request{job_name(options_, id), folder_.batch(id), tasks.size(),
                             tasks.front().slots};
  try {
    folder_.write(id, tasks,
                  job_script(dialect_.surroundings(request), folder_, id, request.slots, program_,
                             fs::current_path()));
    submission.result = commands.run(dialect_.submit_command(options_, request));
  } catch (const std::exception&) {
    submission.failure = current_failure(work_folder_, {});
  }
  return submission;
}

void BatchSubmitter::on_submitted(const BatchId& id, std::vector<BatchTask> group,
                                  const Submission& submission) {
  submitting_ = false;
  next_submit_ = Clock::now() + kSubmitGap;
  const auto job_id =
      submission.result.ok() ? dialect_.parse_job_id(submission.result.output) : std::nullopt;
  if (submission.failure) {
    folder_.remove(id);
    for (const auto& task : group) task.done(*task.task, *submission.failure);
  } else if (!job_id) {
    on_trouble(id, std::move(group), submission.result.output);
  } else {
    room_limit_ = std::min(array_limit_, 2 * room_limit_);
    jobs_.add(id, *job_id, std::move(group));
  }
  hooks_.on_submitted();
}

void BatchSubmitter::on_trouble(const BatchId& id, std::vector<BatchTask> group,
                                const std::string& output) {
  const std::size_t size = group.size();
  SubmitTrouble trouble = dialect_.submit_trouble(output);
  if (trouble == SubmitTrouble::kTooLarge && size == 1) trouble = SubmitTrouble::kRefused;
  if (trouble == SubmitTrouble::kNoAnswer) {
    jobs_.add(id, "", std::move(group));
    return queue_.on_unanswered(output);
  }
  folder_.remove(id);
  if (trouble == SubmitTrouble::kRefused) {
    Failure failure =
        make_failure(Cause::kRefused, dialect_.name() + " refused its job: " + first_line(output));
    failure.stderr_tail = output;
    for (const auto& task : group) task.done(*task.task, failure);
    return;
  }
  wait_again(std::move(group));
  if (trouble == SubmitTrouble::kTooLarge) {
    array_limit_ = room_limit_ = static_cast<int>(size) / 2;
  } else {
    on_no_room(size, output);
  }
}

void BatchSubmitter::on_no_room(std::size_t size, const std::string& output) {
  if (room_limit_ == array_limit_)
    hooks_.warn(dialect_.name() + " takes no more jobs for now (" + first_line(output) +
                "); the rest waits");
  room_limit_ = std::max(1, static_cast<int>(size) / 2);
  if (size > 1) return;
  full_at_ = jobs_.ended();
  // Jobs of other programs may end, too.
  loop_.after(options_.poll_interval, [this] {
    full_at_.reset();
    hooks_.on_room();
  });
}

}  // namespace hypersynth::pipeline
