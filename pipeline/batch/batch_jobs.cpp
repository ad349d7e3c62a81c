#include "pipeline/batch/batch_jobs.h"

#include <algorithm>
#include <system_error>

#include "pipeline/execution/local_executor.h"

namespace hypersynth::pipeline {

BatchJobs::BatchJobs(const BatchDialect& dialect, const WorkFolder& work_folder,
                     const BatchFolder& folder, const BatchOrphans& orphans, std::string program)
    : dialect_(dialect),
      work_folder_(work_folder),
      folder_(folder),
      orphans_(orphans),
      program_(std::move(program)) {}

void BatchJobs::add(const BatchId& id, const std::string& job_id, std::vector<BatchTask> tasks) {
  SubmittedBatch& batch = batches_[id];
  batch.job_id = job_id;
  batch.submitted = EventLoop::Clock::now();
  for (auto& task : tasks) batch.jobs[batch.size++].work = std::move(task);
}

void BatchJobs::adopt(const BatchOrphans::Orphan& orphan, BatchTask task) {
  SubmittedBatch& batch = batches_[orphan.id];
  batch.job_id = orphan.job_id;
  batch.jobs[orphan.index].work = std::move(task);
}

BatchJob* BatchJobs::find(const BatchId& id, int index) {
  const auto batch = batches_.find(id);
  if (batch == batches_.end()) return nullptr;
  const auto job = batch->second.jobs.find(index);
  return job == batch->second.jobs.end() ? nullptr : &job->second;
}

bool BatchJobs::are_in_doubt() const {
  return std::any_of(batches_.begin(), batches_.end(), [](const auto& entry) {
    const SubmittedBatch& batch = entry.second;
    return batch.job_id.empty() ||
           std::any_of(batch.jobs.begin(), batch.jobs.end(),
                       [](const auto& job) { return job.second.was_killed; });
  });
}

std::vector<BatchTask> BatchJobs::take_missing(const QueueListing& listing,
                                               EventLoop::Clock::time_point asked) {
  std::vector<BatchTask> tasks;
  for (auto entry = batches_.begin(); entry != batches_.end();) {
    auto& [id, batch] = *entry;
    const bool in_doubt = batch.job_id.empty() && batch.submitted < asked;
    if (in_doubt) batch.job_id = listing.job_id(id).value_or(std::string());
    if (!in_doubt || !batch.job_id.empty()) {
      ++entry;
      continue;
    }
    for (auto& [index, job] : batch.jobs) tasks.push_back(std::move(job.work));
    folder_.remove(id);
    entry = batches_.erase(entry);
  }
  return tasks;
}

void BatchJobs::finish(const BatchId& id, int index, TaskOutcome outcome) {
  const auto batch = batches_.find(id);
  auto ended = batch->second.jobs.extract(index);
  const BatchTask work = std::move(ended.mapped().work);
  keep_log(id, index, *work.task, outcome);
  folder_.forget_ending(id, index);
  if (batch->second.jobs.empty()) {
    if (batch->second.size > 0) finished_.emplace(id, batch->second.size);
    if (!orphans_.any_in(id)) folder_.remove(id);
    batches_.erase(batch);
  }
  ++ended_;
  work.done(*work.task, std::move(outcome));
}

void BatchJobs::finish_all(const Failure& failure) {
  while (!batches_.empty()) {
    const auto& [id, batch] = *batches_.begin();
    finish(BatchId(id), batch.jobs.begin()->first, failure);
  }
}

/// Puts a job's output beside its result, or the last lines of it into its failure.
void BatchJobs::keep_log(const BatchId& id, int index, const Task& task,
                         TaskOutcome& outcome) const {
  const FileSystem& file_system = work_folder_.file_system();
  const fs::path log = folder_.log(id, index);
  try {
    if (auto* failure = std::get_if<Failure>(&outcome)) {
      failure->stderr_tail = tail(file_system, log);
      failure->command = dialect_.name() + " job " +
                         dialect_.element(batches_.at(id).job_id, index) + ": " + program_ +
                         " --run-node " + folder_.task(id, index).string();
      return;
    }
    const auto written = file_system.identify(log);
    if (written && written->size_bytes > 0 && std::get<Result>(outcome).has_folder)
      file_system.rename(log, work_folder_.nodes() / task.folder / "log.txt");
  } catch (const std::system_error&) {  // the result counts, not its log
  }
}

}  // namespace hypersynth::pipeline
