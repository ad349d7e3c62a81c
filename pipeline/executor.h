#pragma once

#include <functional>
#include <optional>

#include "pipeline/task.h"

namespace hypersynth::pipeline {

/// Runs tasks somewhere and reports each exactly once, in the thread of the event loop.
class Executor {
 public:
  using Done = std::function<void(const Task&, TaskOutcome)>;

  virtual ~Executor() = default;

  /// Why a node with these needs can never run here, or nothing.
  virtual std::optional<std::string> refusal(const Resources& needs) const = 0;

  /// Room for one more task, or nothing until one ends.
  virtual std::optional<Slots> take(const Resources& needs, Placement placement) = 0;
  virtual void give_back(const Slots& slots, Placement placement) = 0;

  virtual void start(Task task, Done done) = 0;

  /// Called when nothing more can be started for now.
  virtual void flush() {}

  /// Ends all tasks as soon as possible; each still reports.
  virtual void cancel() = 0;
};

}  // namespace hypersynth::pipeline
