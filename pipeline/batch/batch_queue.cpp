#include "pipeline/batch/batch_queue.h"

#include <algorithm>
#include <chrono>

namespace hypersynth::pipeline {
namespace {

/// A server that is away is asked after twice the time whenever it has not answered, but at
/// least this often, so that its return is noticed within a minute or so.
constexpr auto kLongestInterval = std::chrono::milliseconds(60'000);

}  // namespace

BatchQueue::BatchQueue(const BatchDialect& dialect, const BatchOptions& options, EventLoop& loop,
                       BatchCaller& caller, Hooks hooks)
    : dialect_(dialect),
      options_(options),
      loop_(loop),
      caller_(caller),
      hooks_(std::move(hooks)) {}

void BatchQueue::plan() {
  const auto need = asking_ || stopped_ ? std::nullopt : hooks_.need();
  if (!need) return;
  if (timer_ != 0) loop_.cancel(timer_);
  std::chrono::milliseconds interval = options_.poll_interval;
  for (int i = 0; i < failures_ && interval < kLongestInterval; ++i) interval *= 2;
  const auto now = Clock::now();
  auto due = last_asked_ ? *last_asked_ + interval : now;
  if (!need->is_urgent) due = std::max(due, need->since + interval);
  const auto delay = std::chrono::ceil<std::chrono::milliseconds>(std::max(due, now) - now);
  timer_ = loop_.after(delay, [this] { ask(); });
}

void BatchQueue::ask() {
  timer_ = 0;
  if (stopped_ || !hooks_.need()) return;
  asking_ = true;
  const auto asked = Clock::now();
  last_asked_ = asked;
  caller_.in_background([this, targets = hooks_.targets()](
                            BatchCommands& commands) { return dialect_.list(commands, targets); },
                        [this, asked](const ListingAnswer& answer) { on_answer(answer, asked); });
}

void BatchQueue::on_answer(const ListingAnswer& answer, Clock::time_point asked) {
  asking_ = false;
  if (stopped_) return;
  if (answer.listing) {
    failures_ = 0;
    unanswered_since_.reset();
    hooks_.on_listing(*answer.listing, asked);
  } else {
    ++failures_;
    on_unanswered(answer.trouble);
  }
  plan();
  hooks_.on_asked();
}

void BatchQueue::on_unanswered(const std::string& output) {
  const auto now = Clock::now();
  if (!unanswered_since_) {
    unanswered_since_ = now;
    hooks_.warn(dialect_.name() + " does not answer (" + first_line(output) +
                "); it is asked again");
  }
  if (now - *unanswered_since_ < options_.patience) return;
  unanswered_since_.reset();
  hooks_.on_lost(make_failure(Cause::kLost, dialect_.name() + " has not answered for " +
                                                std::to_string(options_.patience.count()) +
                                                " min"));
}

}  // namespace hypersynth::pipeline
