#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/batch/batch_commands.h"
#include "pipeline/execution/event_loop.h"
#include "pipeline/execution/thread_pool.h"

namespace hypersynth::pipeline {

/// Runs a scheduler's commands in threads of its own, so that the driver never waits for them:
/// where no server answers, each takes seconds to say so.
class BatchCaller {
 public:
  BatchCaller(std::unique_ptr<BatchCommands> commands, EventLoop& loop);
  ~BatchCaller() { stop(); }

  /// Runs `command`; then, in the thread of the loop, `then(its CommandResult)`.
  template <class Then>
  void call(std::vector<std::string> command, Then then) {
    in_background(
        [command = std::move(command)](BatchCommands& commands) { return commands.run(command); },
        std::move(then));
  }

  /// Runs `work(commands)`; then, in the thread of the loop, `then(what it returned)`.
  template <class Work, class Then>
  void in_background(Work work, Then then) {
    threads_->submit([this, work = std::move(work), then = std::move(then)] {
      loop_.post([then, result = work(*commands_)] { then(result); });
    });
  }

  /// Runs `command` and waits for its answer.
  CommandResult call_and_wait(const std::vector<std::string>& command) {
    return commands_->run(command);
  }

  /// Ends the commands that are running and waits for the threads. Nothing may be called after it.
  void stop();

 private:
  std::unique_ptr<BatchCommands> commands_;
  EventLoop& loop_;
  std::unique_ptr<ThreadPool> threads_;
};

}  // namespace hypersynth::pipeline
