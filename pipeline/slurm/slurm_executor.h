#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/slurm/slurm_submitter.h"
#include "pipeline/slurm/slurm_watcher.h"

namespace hypersynth::pipeline {

/// Runs tasks as jobs of a SLURM cluster. Its parts share the work: the submitter turns tasks into
/// jobs, the watcher sees in the work folder how they end, the queue asks squeue where that is not
/// enough, and the orphans are jobs of drivers that died. Tasks that the cluster does not get run
/// on `light`.
class SlurmExecutor final : public Executor {
 public:
  using Warn = std::function<void(const std::string&)>;

  /// `program` is a command that serves `--run-node`, on every node of the cluster.
  SlurmExecutor(const SlurmOptions& options, const WorkFolder& work_folder, EventLoop& loop,
                const std::vector<std::string>& program, std::unique_ptr<SlurmCommands> commands,
                std::unique_ptr<Executor> light, Warn warn);
  ~SlurmExecutor() override;

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
  std::optional<SlurmQueue::Need> listing_need() const;
  void on_listing(const QueueListing& listing, EventLoop::Clock::time_point asked);
  void finish_all(const Failure& failure);
  void cancel_pending();
  void cancel_all(int tries);
  std::vector<std::vector<std::string>> scancel_commands() const;

  SlurmOptions options_;
  const WorkFolder& work_folder_;
  EventLoop& loop_;
  std::unique_ptr<Executor> light_;
  Warn warn_;
  SlurmCaller caller_;
  SlurmFolder folder_;
  SlurmOrphans orphans_;
  SlurmJobs jobs_;
  SlurmQueue queue_;
  SlurmWatcher watcher_;
  SlurmSubmitter submitter_;
  int taken_ = 0;          ///< tasks that hold slots of the cluster
  bool stopping_ = false;  ///< nothing more is to be started
  bool cancelled_ = false;
};

/// Throws SlurmError with all that is wrong: options, and commands of SLURM that `PATH` lacks.
void check_cluster(const SlurmOptions& options);

/// `local` runs what the cluster does not get.
std::unique_ptr<Executor> make_cluster_executor(const SlurmOptions& options,
                                                const ExecutorSetup& setup,
                                                std::unique_ptr<Executor> local);

}  // namespace hypersynth::pipeline
