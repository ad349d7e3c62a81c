#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "pipeline/cache/assess.h"
#include "pipeline/execution/executor.h"
#include "pipeline/run/collector.h"
#include "pipeline/run/key_claims.h"
#include "pipeline/run/key_finder.h"
#include "pipeline/run/ready_queue.h"
#include "pipeline/run/revivals.h"

namespace hypersynth::pipeline {

/// Runs a graph once. One thread decides everything; it sleeps until a task ends, a file was read
/// or the run is cancelled. A node goes this way:
///
///     NodeTable   all that it depends on is settled: it is considered
///     KeyFinder   its cache key is found
///     Assessor    a result that stands is used; otherwise the node becomes a task
///     ReadyQueue  it waits until the executor has room for it
///     KeyClaims   nobody else makes the same result
///     Executor    it runs
///     Journal     its result is kept; a failure is tried again (see retry.h) or told
///     Collector   files that nobody needs any more are removed
class Scheduler {
 public:
  Scheduler(Graph graph, const RunOptions& options);
  ~Scheduler();

  RunReport run();

 private:
  void begin();
  void advance();
  bool is_busy() const;
  void finish();

  void consider(NodeId id);
  void consider_mapped(NodeId id);
  void find_key(NodeId id);
  void on_key(NodeId id, CacheKey key);
  void enqueue(NodeId id);
  void dispatch();
  void start(NodeId id, Slots slots);
  bool claim(NodeId id);
  bool adopt(NodeId id, std::optional<Result> stored);

  void on_done(const Task& task, TaskOutcome outcome);
  bool retry(const Task& task, const Failure& failure);
  void write_crash_files(const Task& task, const Failure& failure);
  void use(NodeId id, std::shared_ptr<const Result> result, bool cached);
  void fail(NodeId id, const Failure& failure);
  void fall_with(NodeId id, NodeId source);
  void settle(NodeId id, NodeState state, const Failure* failure = nullptr);

  bool waits_for_revival(NodeId id);
  bool revive_sources(NodeId id);
  void revive(NodeId id, NodeId needed_by);

  void halt(const std::string& reason);
  void cancel();
  void write_journal();

  RunOptions options_;
  WorkFolder work_folder_;
  History history_;
  DigestMemo memo_;
  Assessor assessor_;
  EventLoop loop_;
  Reporter reporter_;
  Journal journal_;
  std::vector<std::string> program_;  ///< serves `--run-node`
  std::unique_ptr<Executor> executor_;
  NodeTable nodes_;
  KeyFinder keys_;
  KeyClaims claims_;
  Revivals revivals_;
  Collector collector_;
  ReadyQueue queue_;
  std::unordered_map<NodeId, Task> tasks_;  ///< of nodes between their key and their end
  std::string halted_;                      ///< why nothing more is started
  RunReport outcome_;
};

}  // namespace hypersynth::pipeline
