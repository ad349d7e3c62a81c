#pragma once

#include "pipeline/cache/run_log.h"
#include "pipeline/cache/work_folder.h"
#include "pipeline/execution/event_loop.h"
#include "pipeline/execution/thread_pool.h"

namespace hypersynth::pipeline {

/// Keeps the run log of one run. It also sees to it that results reach the disk for good, many at a
/// time, since waiting for the disk after each would take longer than many a node.
class Journal {
 public:
  /// `sync`: whether results are put on the disk at all before the run ends.
  Journal(const WorkFolder& work_folder, DigestMemo& memo, EventLoop& loop, bool sync);

  /// What earlier runs left; merges their logs where there are many.
  History load();

  RunLog& log() { return log_; }

  /// Writes what is new; throws std::system_error when the disk is full.
  void write();

  /// Starts to put results on the disk if that was not done for a while.
  void sync_now_and_then();

  /// Writes all, and waits until it is on the disk; throws std::system_error.
  void finish();

 private:
  const WorkFolder& work_folder_;
  DigestMemo& memo_;
  EventLoop& loop_;
  bool sync_;
  RunLog log_;
  EventLoop::Clock::time_point synced_ = EventLoop::Clock::now();
  std::size_t durable_ = 0;
  bool syncing_ = false;
  ThreadPool syncer_;
};

}  // namespace hypersynth::pipeline
