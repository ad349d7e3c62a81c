#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/batch/batch_jobs.h"
#include "pipeline/batch/batch_queue.h"

namespace hypersynth::pipeline {

/// Notices how jobs end. Every job commits its own result, and writes last how its program ended,
/// so that the work folder alone tells of all jobs that end in an orderly way. A listing of the
/// queue is needed for jobs that do not: it explains those that were killed or vanished.
class BatchWatcher {
 public:
  using Clock = EventLoop::Clock;

  /// `on_ended` is called after jobs have ended.
  BatchWatcher(const BatchDialect& dialect, const BatchOptions& options,
               const WorkFolder& work_folder, const BatchFolder& folder, EventLoop& loop,
               BatchCaller& caller, BatchJobs& jobs, BatchQueue& queue,
               std::function<void()> on_ended);

  /// Begins to look for the ends of jobs, where there are any and it does not look already.
  void watch();

  /// When it began to look.
  Clock::time_point since() const { return since_; }

  /// What the scheduler says of the jobs, of those at least that were submitted before it was
  /// `asked`.
  void on_listing(const QueueListing& listing, Clock::time_point asked);

  /// Jobs that vanish from now on were cancelled by this driver.
  void expect_cancelled() { cancelling_ = true; }

  /// Ids of jobs that wait to run again although they have ended; the scheduler may hold them for
  /// ever.
  const std::set<std::string>& revenants() const { return revenants_; }

 private:
  void look();
  bool read_endings();
  bool read_ending(const BatchId& id, int index);
  void update(const BatchId& id, int index, BatchJob& job, const QueuedJob* listed);
  void find_revenants(const QueueListing& listing, const BatchId& id, int size);
  std::chrono::milliseconds grace() const;
  void set_gone(BatchJob& job, const std::string& state, const std::string& reason);
  void conclude_gone();
  Failure read_failure(const BatchId& id, int index, const BatchFolder::Ending& ending) const;
  Failure failure_of_gone(const BatchId& id, int index, const BatchJob& job) const;
  std::optional<Result> stored(const BatchJob& job) const;

  const BatchDialect& dialect_;
  const BatchOptions& options_;
  const WorkFolder& work_folder_;
  const BatchFolder& folder_;
  EventLoop& loop_;
  BatchCaller& caller_;
  BatchJobs& jobs_;
  BatchQueue& queue_;
  std::function<void()> on_ended_;

  std::size_t look_timer_ = 0;
  std::chrono::milliseconds look_delay_{};
  Clock::time_point since_{};
  std::size_t conclude_timer_ = 0;
  std::set<std::string> revenants_;
  bool cancelling_ = false;
};

}  // namespace hypersynth::pipeline
