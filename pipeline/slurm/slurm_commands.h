#pragma once

#include <string>
#include <vector>

#include "pipeline/execution/command.h"

namespace hypersynth::pipeline {

/// Runs sbatch, squeue and scancel; tests put a made-up cluster in its place.
class SlurmCommands {
 public:
  virtual ~SlurmCommands() = default;

  /// Waits for the command to end, which takes 9 s where no controller answers. A command that
  /// cannot be started or takes minutes counts as failed.
  virtual CommandResult run(const std::vector<std::string>& arguments) = 0;

  /// Ends the commands that are running; no more are run.
  virtual void stop() {}
};

/// The commands of this machine.
class RealSlurmCommands final : public SlurmCommands {
 public:
  CommandResult run(const std::vector<std::string>& arguments) override;
  void stop() override { children_.cancel(true); }

 private:
  ChildProcesses children_;
};

/// Those of SLURM's commands that `PATH` lacks.
std::vector<std::string> missing_slurm_commands();

}  // namespace hypersynth::pipeline
