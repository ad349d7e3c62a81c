#pragma once

#include <functional>
#include <optional>
#include <string>

#include "pipeline/batch/batch_caller.h"
#include "pipeline/batch/batch_dialect.h"

namespace hypersynth::pipeline {

/// Asks the scheduler about the jobs: as seldom as the options say, since it serves many users, and
/// not at all while nobody needs the answer. It also notices that the scheduler does not answer,
/// asks less and less often then, and gives the jobs up after the patience that the options grant.
class BatchQueue {
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
    std::function<JobTargets()> targets;
    /// An answer to what was asked at `asked`: it may not know of what came later.
    std::function<void(const QueueListing&, Clock::time_point asked)> on_listing;
    std::function<void(const Failure&)> on_lost;  ///< the patience is over
    std::function<void()> on_asked;               ///< last, whether or not there was an answer
    std::function<void(const std::string&)> warn;
  };

  BatchQueue(const BatchDialect& dialect, const BatchOptions& options, EventLoop& loop,
             BatchCaller& caller, Hooks hooks);

  /// Sets the time of the next listing; to be called whenever the need may have changed.
  void plan();

  /// Any command found no server that answers.
  void on_unanswered(const std::string& output);

  /// Whether the last command that told got an answer.
  bool is_answering() const { return !unanswered_since_; }

  /// No answer matters any more, not even that to a listing under way.
  void stop() { stopped_ = true; }

 private:
  void ask();
  void on_answer(const ListingAnswer& answer, Clock::time_point asked);

  const BatchDialect& dialect_;
  const BatchOptions& options_;
  EventLoop& loop_;
  BatchCaller& caller_;
  Hooks hooks_;
  std::size_t timer_ = 0;
  bool asking_ = false;
  bool stopped_ = false;
  int failures_ = 0;  ///< in a row
  std::optional<Clock::time_point> last_asked_;
  std::optional<Clock::time_point> unanswered_since_;
};

}  // namespace hypersynth::pipeline
