#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>

#include "pipeline/assess.h"
#include "pipeline/event_loop.h"
#include "pipeline/executor.h"
#include "pipeline/ready_queue.h"
#include "pipeline/run.h"
#include "pipeline/thread_pool.h"

namespace hypersynth::pipeline {

/// Runs a graph once. One thread decides: it wakes when a task ends, when a file was digested, when
/// the run is cancelled.
class Scheduler {
 public:
  Scheduler(Graph graph, const RunOptions& options);
  ~Scheduler();

  RunReport run();

 private:
  void load_history();
  void advance();
  void consider(NodeId id);
  void expand(NodeId id);
  void find_key(NodeId id);
  void digest_in_background(NodeId id);
  void on_key(NodeId id, CacheKey key);
  void dispatch();
  void start(NodeId id, Slots slots);
  bool adopt(NodeId id);
  bool retry(const Task& task, const Failure& failure);
  void write_crash_files(const Task& task, const Failure& failure);
  void retry_foreign();
  void on_done(const Task& task, TaskOutcome outcome);

  void use(NodeId id, const Result& result, bool cached);
  void fail(NodeId id, Failure failure);
  void settle(NodeId id, NodeState state);
  void halt(const std::string& reason);
  void cancel();

  void write_log();
  void sync_in_background();
  void finish();
  RunReport make_report() const;
  void emit(Event::Kind kind, const std::string& node, const std::string& message,
            const Usage* usage = nullptr);
  void warn(const std::string& message);
  bool is_busy() const;

  Graph graph_;
  RunOptions options_;
  WorkFolder work_folder_;
  History history_;
  DigestMemo memo_;
  Assessor assessor_;
  EventLoop loop_;
  std::vector<std::string> program_;
  std::unique_ptr<RunLog> log_;
  std::unique_ptr<Executor> executor_;
  ThreadPool readers_;
  ThreadPool syncer_;

  std::vector<NodeStatus> states_;
  std::vector<NodeReport> reports_;
  std::unordered_map<NodeId, Task> tasks_;  ///< queued, running or waiting for another driver
  std::unordered_map<std::string, Digest> produced_;
  std::deque<NodeId> ready_;
  ReadyQueue queue_;
  std::vector<NodeId> foreign_;  ///< another driver is at these
  std::string halted_;           ///< why nothing more is started
  RunReport outcome_;
  Progress progress_;
  EventLoop::Clock::time_point started_ = EventLoop::Clock::now();
  EventLoop::Clock::time_point synced_ = EventLoop::Clock::now();
  std::size_t executed_ = 0;
  std::size_t logged_ = 0;
  std::size_t durable_ = 0;
  std::size_t digesting_ = 0;
  bool syncing_ = false;
};

}  // namespace hypersynth::pipeline
