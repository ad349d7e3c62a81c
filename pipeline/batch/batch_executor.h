#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/batch/batch_submitter.h"
#include "pipeline/batch/batch_watcher.h"

namespace hypersynth::pipeline {

/// Runs tasks as jobs of a cluster. Its parts share the work: the submitter turns tasks into
/// jobs, the watcher sees in the work folder how they end, the queue asks the scheduler where that
/// is not enough, and the orphans are jobs of drivers that died. Tasks that the cluster does not
/// get run on `light`.
class BatchExecutor final : public Executor {
 public:
  using Warn = std::function<void(const std::string&)>;

  /// `program` is a command that serves `--run-node`, on every node of the cluster.
  BatchExecutor(const BatchOptions& options, const WorkFolder& work_folder, EventLoop& loop,
                const std::vector<std::string>& program, std::unique_ptr<BatchCommands> commands,
                std::unique_ptr<Executor> light, Warn warn);
  ~BatchExecutor() override;

  std::optional<std::string> refusal(const Resources& needs, Placement placement) const override;
  std::uint64_t most_memory_bytes(Placement placement) const override;
  std::optional<Slots> take(const Resources& needs, Placement placement) override;
  void give_back(const Slots& slots, Placement placement) override;
  void start(Task task, Done done) override;
  void flush() override;
  void stop_waiting() override;
  void cancel() override;

 private:
  bool is_clustered(Placement placement) const;
  void advance();
  void on_submitted();
  std::optional<BatchQueue::Need> listing_need() const;
  void on_listing(const QueueListing& listing, EventLoop::Clock::time_point asked);
  void finish_all(const Failure& failure);
  JobTargets own_jobs() const;      ///< those that this driver waits for
  JobTargets all_jobs() const;      ///< and those of dead drivers that go on
  JobTargets jobs_to_list() const;  ///< and those that may be there or not
  void cancel_waiting();
  void cancel_those_that_wait(const QueueListing& listing);
  void cancel_all(int tries);
  std::vector<std::vector<std::string>> cancel_commands() const;

  const BatchDialect& dialect_;
  BatchOptions options_;
  const WorkFolder& work_folder_;
  EventLoop& loop_;
  std::unique_ptr<Executor> light_;
  Warn warn_;
  BatchCaller caller_;
  BatchFolder folder_;
  BatchOrphans orphans_;
  BatchJobs jobs_;
  BatchQueue queue_;
  BatchWatcher watcher_;
  BatchSubmitter submitter_;
  int taken_ = 0;          ///< tasks that hold slots of the cluster
  bool stopping_ = false;  ///< nothing more is to be started
  bool cancelled_ = false;
};

/// Throws ClusterError with all that is wrong: options, and commands of the scheduler that `PATH`
/// lacks.
void check_cluster(const BatchOptions& options);

/// `local` runs what the cluster does not get.
std::unique_ptr<Executor> make_cluster_executor(const BatchOptions& options,
                                                const ExecutorSetup& setup,
                                                std::unique_ptr<Executor> local);

}  // namespace hypersynth::pipeline
