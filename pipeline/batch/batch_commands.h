#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pipeline/execution/command.h"

namespace hypersynth::pipeline {

/// Runs the commands of a scheduler; tests put a made-up cluster in its place.
class BatchCommands {
 public:
  virtual ~BatchCommands() = default;

  /// Waits for the command to end, which takes 9 s where no server answers. A command that
  /// cannot be started or takes minutes counts as failed.
  virtual CommandResult run(const std::vector<std::string>& arguments) = 0;

  /// Ends the commands that are running; no more are run.
  virtual void stop() {}
};

/// The commands of this machine.
class RealBatchCommands final : public BatchCommands {
 public:
  /// `environment`: words for `env`, in front of every command.
  explicit RealBatchCommands(std::vector<std::string> environment)
      : environment_(std::move(environment)) {}
  CommandResult run(const std::vector<std::string>& arguments) override;
  void stop() override { children_.cancel(true); }

 private:
  std::vector<std::string> environment_;
  ChildProcesses children_;
};

}  // namespace hypersynth::pipeline
