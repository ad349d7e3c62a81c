#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/execution/event_loop.h"
#include "pipeline/execution/executor.h"
#include "pipeline/slurm/slurm_orphans.h"

namespace hypersynth::pipeline {

/// A task for the cluster, and whom to tell how it ended.
struct SlurmTask {
  std::shared_ptr<const Task> task;
  Executor::Done done;
};

/// A job that has not ended as far as this driver knows. It ends when its result or its failure is
/// in the work folder. Meanwhile it can be
/// - queued or running: nothing of the below is set, whichever of the two it is;
/// - killed: its script says that SLURM sent it a signal. Either squeue then lists it as waiting,
///   as SLURM runs again what it preempted or lost with a machine, or it becomes
/// - gone: squeue says that it has ended, or does not list it any more. What it left in the work
///   folder counts after a moment of grace, since network file systems show files late.
struct SlurmJob {
  SlurmTask work;
  bool was_killed = false;
  std::optional<EventLoop::Clock::time_point> gone_since;
  std::string state;   ///< squeue's, of a job that is gone; empty: not listed
  std::string reason;  ///< squeue's for that state
};

/// Jobs that were submitted together.
struct SlurmBatch {
  /// Empty while it is not known whether there are such jobs at all: sbatch got no answer, but the
  /// controller may have got the request. squeue tells.
  std::string job_id;
  EventLoop::Clock::time_point submitted;  ///< what squeue is asked later knows of it
  std::map<int, SlurmJob> jobs;            ///< by index; those that have not ended
  int size = 0;                            ///< jobs in all; 0: it is another driver's
};

/// The jobs that this driver waits for, and how each of them ends: exactly once, with its output
/// kept and its files removed.
class SlurmJobs {
 public:
  /// `program` is what the jobs run, as a person reads it.
  SlurmJobs(const WorkFolder& work_folder, const SlurmFolder& folder, const SlurmOrphans& orphans,
            std::string program);

  /// Jobs were submitted; `job_id` is empty where sbatch got no answer.
  void add(const BatchId& id, const std::string& job_id, std::vector<SlurmTask> tasks);

  /// A job that a dead driver submitted now belongs to this one.
  void adopt(const SlurmOrphans::Orphan& orphan, SlurmTask task);

  bool empty() const { return batches_.empty(); }
  std::map<BatchId, SlurmBatch>& batches() { return batches_; }
  const std::map<BatchId, SlurmBatch>& batches() const { return batches_; }

  /// Null when it has ended, or never was.
  SlurmJob* find(const BatchId& id, int index);

  /// Whether squeue is needed to know what became of some of them.
  bool are_in_doubt() const;

  /// Clears up submissions that got no answer before `asked`, when `listing` was asked for: takes
  /// the job id from it, or returns the tasks of those that squeue does not know.
  std::vector<SlurmTask> take_missing(const QueueListing& listing,
                                      EventLoop::Clock::time_point asked);

  void finish(const BatchId& id, int index, TaskOutcome outcome);
  void finish_all(const Failure& failure);

  /// Jobs that have ended so far.
  std::size_t ended() const { return ended_; }

  /// The sizes of this driver's batches of which all jobs have ended.
  const std::map<BatchId, int>& finished_batches() const { return finished_; }

 private:
  void keep_log(const BatchId& id, int index, const Task& task, TaskOutcome& outcome) const;

  const WorkFolder& work_folder_;
  const SlurmFolder& folder_;
  const SlurmOrphans& orphans_;
  std::string program_;
  std::map<BatchId, SlurmBatch> batches_;  ///< those with jobs that have not ended
  std::map<BatchId, int> finished_;
  std::size_t ended_ = 0;
};

}  // namespace hypersynth::pipeline
