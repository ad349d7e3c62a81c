#include "pipeline/batch/batch_caller.h"

namespace hypersynth::pipeline {
namespace {

/// Room for one submission, one listing and one cancellation: none of them waits for another.
constexpr std::size_t kCommandsAtOnce = 3;

}  // namespace

BatchCaller::BatchCaller(std::unique_ptr<BatchCommands> commands, EventLoop& loop)
    : commands_(std::move(commands)),
      loop_(loop),
      threads_(std::make_unique<ThreadPool>(kCommandsAtOnce)) {}

void BatchCaller::stop() {
  commands_->stop();
  threads_.reset();
}

}  // namespace hypersynth::pipeline
