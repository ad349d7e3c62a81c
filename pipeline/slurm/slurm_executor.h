#pragma once

#include <map>
#include <set>
#include <unordered_map>

#include "pipeline/execution/event_loop.h"
#include "pipeline/execution/executor.h"
#include "pipeline/execution/thread_pool.h"
#include "pipeline/slurm/slurm_commands.h"
#include "pipeline/slurm/slurm_text.h"

namespace hypersynth::pipeline {

/// Runs tasks as jobs of a SLURM cluster; those that are equal in their needs and ready together
/// are one array. Every job commits its own result; this driver sees it in the work folder. squeue
/// is asked only about jobs that end without a word, and about those of drivers that died, which
/// are adopted. What the cluster does not get runs on `light`.
class SlurmExecutor final : public Executor {
 public:
  using Warn = std::function<void(const std::string&)>;

  /// `program` is a command that serves `--run-node`, on every node of the cluster.
  SlurmExecutor(const SlurmOptions& options, const WorkFolder& work_folder, EventLoop& loop,
                std::vector<std::string> program, std::unique_ptr<SlurmCommands> commands,
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
  using Clock = EventLoop::Clock;
  struct Waiting {
    std::shared_ptr<const Task> task;
    Done done;
  };
  struct Job {
    Waiting waiting;
    bool was_killed = false;  ///< its script says so; squeue says why, or that it will run again
    std::optional<Clock::time_point> gone_since;  ///< squeue says it has ended
    std::string state;  ///< squeue's, of a job that is gone; empty: not listed
    std::string reason;
  };
  struct Batch {
    std::string job_id;           ///< empty: sbatch got no answer, there may be one
    Clock::time_point submitted;  ///< what squeue is asked later knows of it
    std::map<int, Job> jobs;      ///< by index; those that have not ended
    int size = 0;                 ///< jobs in all
  };
  struct Orphan {
    BatchId id;
    int index = 0;
    std::string job_id;
  };
  struct Submission {
    CommandResult result;
    std::optional<Failure> failure;  ///< nothing could be submitted
  };

  // slurm_executor.cpp: tasks, and how they end.
  bool is_clustered(Placement placement) const;
  void finish(const BatchId& id, int index, TaskOutcome outcome);
  void keep_log(const BatchId& id, int index, const Task& task, TaskOutcome& outcome) const;
  void finish_all(const Failure& failure);
  void finish_waiting(const Failure& failure);
  void cancel_batches(int tries);
  std::vector<std::vector<std::string>> scancel_commands() const;
  void run_command(std::vector<std::string> command,
                   std::function<void(const CommandResult&)> then);

  // slurm_submit.cpp: from waiting tasks to jobs.
  void submit_next();
  bool has_to_pause();
  std::vector<Waiting> take_group();
  Submission submit(const BatchId& id, const std::vector<Task>& tasks) const;
  void on_submitted(const BatchId& id, std::vector<Waiting> group, const Submission& submission);
  void on_trouble(const BatchId& id, std::vector<Waiting> group, const std::string& output);
  void add_batch(const BatchId& id, const std::string& job_id, std::vector<Waiting> group);
  void wait_again(std::vector<Waiting> group);
  void find_orphans();
  void resolve_orphans(const QueueListing& listing);
  void adopt_waiting();

  // slurm_watch.cpp: from jobs to outcomes.
  void watch();
  void look();
  bool read_endings();
  bool read_ending(const BatchId& id, int index);
  Failure read_failure(const BatchId& id, int index, const SlurmFolder::Ending& ending) const;
  void plan_poll();
  bool is_poll_urgent() const;
  void poll();
  void on_listing(const QueueListing& listing, Clock::time_point asked);
  void resolve_doubtful(const QueueListing& listing, Clock::time_point asked);
  void find_revenants(const QueueListing& listing, const BatchId& id, int size);
  void update(const BatchId& id, int index, Job& job, const QueuedJob* listed);
  void set_gone(Job& job, const std::string& state, const std::string& reason);
  std::chrono::milliseconds grace() const;
  void conclude_gone();
  Failure failure_of_gone(const BatchId& id, int index, const Job& job) const;
  void on_unanswered(const std::string& output);
  std::optional<Result> stored(const Task& task) const;

  SlurmOptions options_;
  const WorkFolder& work_folder_;
  EventLoop& loop_;
  std::vector<std::string> program_;
  std::unique_ptr<SlurmCommands> commands_;
  std::unique_ptr<Executor> light_;
  Warn warn_;
  SlurmFolder folder_;

  std::vector<Waiting> waiting_;
  std::map<BatchId, Batch> batches_;
  std::map<BatchId, int> finished_;  ///< sizes
  std::set<std::string> revenants_;  ///< ids of jobs that SLURM runs again, after they have ended
  int taken_ = 0;                    ///< tasks that hold slots of the cluster

  std::set<std::string> known_runs_;
  std::vector<SlurmFolder::Orphans> unresolved_;  ///< squeue was not asked about them yet
  std::unordered_map<Digest, Orphan> orphans_;    ///< alive, by cache key
  int next_batch_ = 0;
  int array_limit_;  ///< of the cluster
  int room_limit_;   ///< what is tried while the user has many jobs
  bool submitting_ = false;
  bool no_room_ = false;
  std::size_t submit_timer_ = 0;
  Clock::time_point next_submit_{};

  std::size_t look_timer_ = 0;
  std::chrono::milliseconds look_delay_{};
  std::size_t poll_timer_ = 0;
  std::size_t conclude_timer_ = 0;
  bool polling_ = false;
  int failed_polls_ = 0;
  std::optional<Clock::time_point> last_poll_;
  Clock::time_point watched_since_{};
  std::optional<Clock::time_point> unanswered_since_;
  bool stopping_ = false;  ///< nothing more is submitted
  bool cancelled_ = false;
  ThreadPool threads_;  // last: its jobs use the rest
};

/// What becomes of a task that is not to run any more.
Failure cancelled_failure();

}  // namespace hypersynth::pipeline
