#include "pipeline/slurm/slurm_caller.h"

namespace hypersynth::pipeline {
namespace {

/// Room for one sbatch, one squeue and one scancel: none of them has to wait for another.
constexpr std::size_t kCommandsAtOnce = 3;

}  // namespace

SlurmCaller::SlurmCaller(std::unique_ptr<SlurmCommands> commands, EventLoop& loop)
    : commands_(std::move(commands)),
      loop_(loop),
      threads_(std::make_unique<ThreadPool>(kCommandsAtOnce)) {}

void SlurmCaller::stop() {
  commands_->stop();
  threads_.reset();
}

}  // namespace hypersynth::pipeline
