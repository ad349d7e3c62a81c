#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/cache/work_folder.h"
#include "pipeline/execution/event_loop.h"
#include "pipeline/execution/task.h"

namespace hypersynth::pipeline {

/// Runs tasks somewhere: on this machine or on a cluster. All its functions are called in the
/// thread of the event loop. For each task the driver takes slots, starts it, is told once, in the
/// same thread, how it ended, and gives the slots back.
class Executor {
 public:
  using Done = std::function<void(const Task&, TaskOutcome)>;

  virtual ~Executor() = default;

  /// Why a node with these needs can never run here, or nothing.
  virtual std::optional<std::string> refusal(const Resources& needs, Placement placement) const = 0;

  /// The most memory that a node may ask for when it is tried again; 0: not limited.
  virtual std::uint64_t most_memory_bytes(Placement placement) const = 0;

  /// Room for one more task, or nothing until one ends.
  virtual std::optional<Slots> take(const Resources& needs, Placement placement) = 0;
  virtual void give_back(const Slots& slots, Placement placement) = 0;

  /// Begins with a task, or keeps it until `flush`.
  virtual void start(Task task, Done done) = 0;

  /// The driver has nothing more to start for now: a cluster submits what it was given since the
  /// last call, all at once.
  virtual void flush() {}

  /// The run is ending: tasks that run may go on, those that still wait for their turn are
  /// cancelled.
  virtual void stop_waiting() {}

  /// Ends all tasks as soon as possible; each still reports.
  virtual void cancel() = 0;
};

/// What an executor is made from; it refers to all of this while it lives.
struct ExecutorSetup {
  const WorkFolder& work_folder;
  DigestMemo& memo;
  EventLoop& loop;
  ResourceLimits limits;             ///< of this machine
  std::vector<std::string> program;  ///< a command that serves `--run-node`
  std::function<void(const std::string&)> warn;
};

}  // namespace hypersynth::pipeline
