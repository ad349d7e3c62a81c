#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/batch/batch_dialect.h"
#include "pipeline/batch/batch_orphans.h"
#include "pipeline/execution/event_loop.h"
#include "pipeline/execution/executor.h"

namespace hypersynth::pipeline {

/// A task for the cluster, and whom to tell how it ended.
struct BatchTask {
  std::shared_ptr<const Task> task;
  Executor::Done done;
};

/// A job that has not ended as far as this driver knows. It ends when its result or its failure is
/// in the work folder. Meanwhile it can be
/// - queued or running: nothing of the below is set, whichever of the two it is;
/// - killed: its script says that it got a signal. Either the scheduler then lists it as waiting,
/// as
///   it runs again what it preempted or lost with a machine, or it becomes
/// - gone: the scheduler says that it has ended, or does not list it any more. What it left in the
/// work
///   folder counts after a moment of grace, since network file systems show files late.
struct BatchJob {
  BatchTask work;
  bool was_killed = false;
  std::optional<EventLoop::Clock::time_point> gone_since;
  std::string state;   ///< the scheduler's, of a job that is gone; empty: not listed
  std::string reason;  ///< the scheduler's for that state
};

/// Jobs that were submitted together.
struct SubmittedBatch {
  /// Empty while it is not known whether there are such jobs at all: their submission got no
  /// answer, but the server may have got the request. A listing tells.
  std::string job_id;
  EventLoop::Clock::time_point submitted;  ///< a listing that is asked for later knows of it
  std::map<int, BatchJob> jobs;            ///< by index; those that have not ended
  int size = 0;                            ///< jobs in all; 0: it is another driver's
};

/// The jobs that this driver waits for, and how each of them ends: exactly once, with its output
/// kept and its files removed.
class BatchJobs {
 public:
  /// `program` is what the jobs run, as a person reads it.
  BatchJobs(const BatchDialect& dialect, const WorkFolder& work_folder, const BatchFolder& folder,
            const BatchOrphans& orphans, std::string program);

  /// Jobs were submitted; `job_id` is empty where that got no answer.
  void add(const BatchId& id, const std::string& job_id, std::vector<BatchTask> tasks);

  /// A job that a dead driver submitted now belongs to this one.
  void adopt(const BatchOrphans::Orphan& orphan, BatchTask task);

  bool empty() const { return batches_.empty(); }
  std::map<BatchId, SubmittedBatch>& batches() { return batches_; }
  const std::map<BatchId, SubmittedBatch>& batches() const { return batches_; }

  /// Null when it has ended, or never was.
  BatchJob* find(const BatchId& id, int index);

  /// Whether a listing is needed to know what became of some of them.
  bool are_in_doubt() const;

  /// Clears up submissions that got no answer before `asked`, when `listing` was asked for: takes
  /// the job id from it, or returns the tasks of those that are not in it.
  std::vector<BatchTask> take_missing(const QueueListing& listing,
                                      EventLoop::Clock::time_point asked);

  void finish(const BatchId& id, int index, TaskOutcome outcome);
  void finish_all(const Failure& failure);

  /// Jobs that have ended so far.
  std::size_t ended() const { return ended_; }

  /// The sizes of this driver's batches of which all jobs have ended.
  const std::map<BatchId, int>& finished_batches() const { return finished_; }

 private:
  void keep_log(const BatchId& id, int index, const Task& task, TaskOutcome& outcome) const;

  const BatchDialect& dialect_;
  const WorkFolder& work_folder_;
  const BatchFolder& folder_;
  const BatchOrphans& orphans_;
  std::string program_;
  std::map<BatchId, SubmittedBatch> batches_;  ///< those with jobs that have not ended
  std::map<BatchId, int> finished_;
  std::size_t ended_ = 0;
};

}  // namespace hypersynth::pipeline
