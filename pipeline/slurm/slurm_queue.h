#pragma once

#include <functional>
#include <optional>
#include <string>

#include "pipeline/slurm/slurm_caller.h"
#include "pipeline/slurm/slurm_text.h"

namespace hypersynth::pipeline {

/// Asks squeue about all jobs of this user: as seldom as the options say, since a controller serves
/// many users, and not at all while nobody needs the answer. It also notices that the controller
/// does not answer, asks less and less often then, and gives the jobs up after the patience that
/// the options grant.
class SlurmQueue {
 public:
  using Clock = EventLoop::Clock;

  /// Why an answer is needed.
  struct Need {
    /// Something cannot go on without it; otherwise it only finds out about jobs that vanished, and
    /// has time.
    bool is_urgent = false;
    Clock::time_point since;  ///< when the jobs were first watched
  };

  struct Hooks {
    std::function<std::optional<Need>()> need;
    /// An answer to a squeue that was started at `asked`: it may not know of what came later.
    std::function<void(const QueueListing&, Clock::time_point asked)> on_listing;
    std::function<void(const Failure&)> on_lost;  ///< the patience is over
    std::function<void()> on_asked;               ///< last, whether or not there was an answer
    std::function<void(const std::string&)> warn;
  };

  SlurmQueue(const SlurmOptions& options, EventLoop& loop, SlurmCaller& caller, Hooks hooks);

  /// Sets the time of the next squeue; to be called whenever the need may have changed.
  void plan();

  /// Any command found no controller that answers.
  void on_unanswered(const std::string& output);

  /// Whether the last command that told got an answer.
  bool is_answering() const { return !unanswered_since_; }

  /// No answer matters any more, not even that to a squeue under way.
  void stop() { stopped_ = true; }

 private:
  void ask();
  void on_answer(const CommandResult& result, Clock::time_point asked);

  const SlurmOptions& options_;
  EventLoop& loop_;
  SlurmCaller& caller_;
  Hooks hooks_;
  std::size_t timer_ = 0;
  bool asking_ = false;
  bool stopped_ = false;
  int failures_ = 0;  ///< in a row
  std::optional<Clock::time_point> last_asked_;
  std::optional<Clock::time_point> unanswered_since_;
};

}  // namespace hypersynth::pipeline
