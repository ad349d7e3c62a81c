#pragma once

#include <deque>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "pipeline/cache/assess.h"
#include "pipeline/execution/event_loop.h"
#include "pipeline/execution/executor.h"
#include "pipeline/execution/thread_pool.h"
#include "pipeline/run/collector.h"
#include "pipeline/run/journal.h"
#include "pipeline/run/ready_queue.h"
#include "pipeline/run/reporter.h"
#include "pipeline/run/run.h"

namespace hypersynth::pipeline {

/// Runs a graph once. One thread decides: it wakes when a task ends, when a file was digested, when
/// the run is cancelled.
class Scheduler {
 public:
  Scheduler(Graph graph, const RunOptions& options);
  ~Scheduler();

  RunReport run();

 private:
  std::unique_ptr<Executor> make_executor();

  // scheduler.cpp: from a node whose dependencies are settled to a running task.
  void begin();
  void advance();
  bool is_busy() const;
  void consider(NodeId id);
  void expand(NodeId id);
  void find_key(NodeId id);
  Digest digest_if_quick(const fs::path& path, bool& unknown);
  void digest_in_background(NodeId id);
  void on_key(NodeId id, CacheKey key);
  void enqueue(NodeId id);
  void dispatch();
  void start(NodeId id, Slots slots);
  bool begin_task(NodeId id);
  bool adopt(NodeId id, std::optional<Result> stored);
  void retry_foreign();

  // scheduler_outcome.cpp: what becomes of it.
  void on_done(const Task& task, TaskOutcome outcome);
  bool retry(const Task& task, const Failure& failure);
  void write_crash_files(const Task& task, const Failure& failure);
  void use(NodeId id, std::shared_ptr<const Result> result, bool cached);
  void fail(NodeId id, Failure failure);
  void fail_input(NodeId id, const std::string& message);
  void settle(NodeId id, NodeState state);
  void halt(const std::string& reason);
  void cancel();
  void write_journal();
  void finish();
  RunReport make_report();

  // scheduler_collect.cpp: files that are removed, and made again.
  bool waits_for_revival(NodeId id);
  bool revive_sources(NodeId id);
  void revive(NodeId id, NodeId needed_by);
  void wake_waiting(NodeId id);
  void collect_after(NodeId settled);
  void remove_superseded();

  Graph graph_;
  RunOptions options_;
  WorkFolder work_folder_;
  History history_;
  DigestMemo memo_;
  Assessor assessor_;
  EventLoop loop_;
  Reporter reporter_;
  Journal journal_;
  std::vector<std::string> program_;
  std::unique_ptr<Executor> executor_;

  std::vector<NodeStatus> states_;
  std::vector<NodeReport> reports_;
  Collector collector_;
  std::unordered_map<NodeId, Task> tasks_;  ///< queued, running or waiting for another driver
  std::unordered_map<std::string, Digest> produced_;             ///< by path
  std::unordered_map<Digest, std::vector<NodeId>> in_flight_;    ///< nodes that share a running key
  std::unordered_map<NodeId, std::vector<NodeId>> waiting_for_;  ///< for a node that runs again
  std::unordered_map<NodeId, std::size_t> revivals_;  ///< how many such nodes a node waits for
  std::deque<NodeId> ready_;
  ReadyQueue queue_;
  std::vector<NodeId> foreign_;  ///< another driver is at these
  std::string halted_;           ///< why nothing more is started
  RunReport outcome_;
  std::size_t background_ = 0;     ///< jobs that read or remove files
  ThreadPool background_threads_;  // last: its jobs use the rest
};

}  // namespace hypersynth::pipeline
