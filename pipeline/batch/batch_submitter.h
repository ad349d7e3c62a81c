#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/batch/batch_jobs.h"
#include "pipeline/batch/batch_queue.h"

namespace hypersynth::pipeline {

/// Turns tasks into jobs. Tasks wait here until they are submitted, those that are equal in their
/// needs together as one array; one for whose result a dead driver's job is still at work takes
/// over that job instead. There is one submission at a time. It adapts to what the cluster takes:
/// an array that is too large is split, and where the user may have no more jobs the rest waits.
class BatchSubmitter {
 public:
  struct Hooks {
    std::function<void()> on_submitted;  ///< a submission has ended, well or not
    std::function<void()> on_room;       ///< waiting tasks may be submitted now
    std::function<void(const std::string&)> warn;
  };

  /// `program` is a command that serves `--run-node`, on every node of the cluster.
  BatchSubmitter(const BatchDialect& dialect, const BatchOptions& options,
                 const WorkFolder& work_folder, const BatchFolder& folder, EventLoop& loop,
                 BatchCaller& caller, BatchOrphans& orphans, BatchJobs& jobs, BatchQueue& queue,
                 std::vector<std::string> program, Hooks hooks);

  void add(BatchTask task) { waiting_.push_back(std::move(task)); }
  bool has_waiting() const { return !waiting_.empty(); }

  /// Tasks whose submission came to nothing: they wait again, before all others.
  void wait_again(std::vector<BatchTask> tasks);

  /// Submits what waits, as far as that is possible now.
  void submit();

  /// Whether a submission is under way, so that there may be jobs which are not known yet.
  bool is_submitting() const { return submitting_; }

  /// The tasks that wait end with this failure.
  void finish_waiting(const Failure& failure);

  /// Nothing more is submitted: what waits, and whatever is added, is cancelled.
  void stop() { stopping_ = true; }

 private:
  using Clock = EventLoop::Clock;
  struct Submission {
    CommandResult result;
    std::optional<Failure> failure;  ///< nothing could be submitted
  };

  void adopt_orphans();
  bool has_to_pause();
  std::vector<BatchTask> take_group();
  Submission submit_group(const BatchId& id, const std::vector<Task>& tasks,
                          BatchCommands& commands) const;
  void on_submitted(const BatchId& id, std::vector<BatchTask> group, const Submission& submission);
  void on_trouble(const BatchId& id, std::vector<BatchTask> group, const std::string& output);
  void on_no_room(std::size_t size, const std::string& output);

  const BatchDialect& dialect_;
  const BatchOptions& options_;
  const WorkFolder& work_folder_;
  const BatchFolder& folder_;
  EventLoop& loop_;
  BatchCaller& caller_;
  BatchOrphans& orphans_;
  BatchJobs& jobs_;
  BatchQueue& queue_;
  std::vector<std::string> program_;
  Hooks hooks_;

  std::vector<BatchTask> waiting_;
  int next_batch_ = 0;
  int array_limit_;  ///< jobs that the cluster takes in one array
  int room_limit_;   ///< jobs that are tried at once while the user has almost as many as allowed
  std::optional<std::size_t> full_at_;  ///< no room until more jobs than this many have ended
  bool submitting_ = false;
  bool stopping_ = false;
  std::size_t timer_ = 0;
  Clock::time_point next_submit_{};
};

}  // namespace hypersynth::pipeline
