#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "pipeline/execution/child_process.h"
#include "pipeline/execution/event_loop.h"
#include "pipeline/execution/execute.h"
#include "pipeline/execution/executor.h"
#include "pipeline/execution/thread_pool.h"

namespace hypersynth::pipeline {

/// Runs tasks on this machine, in threads of this process or in processes of their own, within its
/// resource limits.
class LocalExecutor final : public Executor {
 public:
  /// `program` is a command that serves `--run-node`.
  LocalExecutor(const WorkFolder& work_folder, DigestMemo& memo, EventLoop& loop,
                const ResourceLimits& limits, std::vector<std::string> program);

  std::optional<std::string> refusal(const Resources& needs, Placement placement) const override;
  std::uint64_t most_memory_bytes(Placement) const override { return pool_.limits().memory_bytes; }
  std::optional<Slots> take(const Resources& needs, Placement placement) override;
  void give_back(const Slots& slots, Placement placement) override;
  void start(Task task, Done done) override;
  void cancel() override;

 private:
  TaskOutcome run_process(const Task& task);
  TaskOutcome run_child(const Task& task, const fs::path& task_file, const fs::path& output);
  TaskOutcome read_outcome(const Task& task, const ChildExit& exit, const fs::path& output) const;
  void watch_memory();

  const WorkFolder& work_folder_;
  DigestMemo& memo_;
  EventLoop& loop_;
  ResourcePool pool_;
  std::vector<std::string> program_;
  std::stop_source stop_;
  ChildProcesses children_;
  bool watching_ = false;
  std::size_t processes_ = 0;  // tasks that have one, also before it has begun
  ThreadPool threads_;
};

/// The variables that tell numerical libraries how many threads, and which GPUs, a node may use.
std::vector<std::pair<std::string, std::string>> slot_environment(const Slots& slots,
                                                                  bool with_gpus);

/// The failure of a node that used more memory than it may.
Failure over_memory(std::uint64_t used_bytes, std::uint64_t limit_bytes);

/// Exit code of a node's process that could not write its failure down, since the disk is full or
/// broken (EX_IOERR of sysexits.h).
constexpr int kDiskErrorCode = 74;

/// The last lines of a file, at most 4 kB.
std::string tail(const FileSystem& file_system, const fs::path& file);

}  // namespace hypersynth::pipeline
