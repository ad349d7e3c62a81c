#pragma once

#include <functional>
#include <optional>

#include "pipeline/execution/task.h"

namespace hypersynth::pipeline {

/// Runs tasks somewhere and reports each exactly once, in the thread of the event loop.
class Executor {
 public:
  using Done = std::function<void(const Task&, TaskOutcome)>;

  virtual ~Executor() = default;

  /// Why a node with these needs can never run here, or nothing.
  virtual std::optional<std::string> refusal(const Resources& needs, Placement placement) const = 0;

  /// What a node that is tried again may ask for; 0: not limited.
  virtual std::uint64_t most_memory_bytes(Placement placement) const = 0;

  /// Room for one more task, or nothing until one ends.
  virtual std::optional<Slots> take(const Resources& needs, Placement placement) = 0;
  virtual void give_back(const Slots& slots, Placement placement) = 0;

  virtual void start(Task task, Done done) = 0;

  /// Called when nothing more can be started for now.
  virtual void flush() {}

  /// Nothing more will be started: tasks that still wait for their turn are cancelled.
  virtual void stop_waiting() {}

  /// Ends all tasks as soon as possible; each still reports.
  virtual void cancel() = 0;
};

}  // namespace hypersynth::pipeline
