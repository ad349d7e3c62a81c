#include "pipeline/run/reporter.h"

namespace hypersynth::pipeline {

void Reporter::tell(Event::Kind kind, const std::string& node, const std::string& message,
                    const Usage* usage, const Failure* failure) {
  if (observer_ == nullptr) return;
  const std::chrono::duration<double> elapsed = EventLoop::Clock::now() - started_;
  progress_.elapsed_s = elapsed.count();
  progress_.remaining_s.reset();
  if (executed_ > 0) {
    const std::size_t left = progress_.total - progress_.done - progress_.failed;
    progress_.remaining_s =
        elapsed.count() / static_cast<double>(executed_) * static_cast<double>(left);
  }
  observer_->on_event({kind, node, message, usage, failure, progress_});
}

void Reporter::warn(const std::string& message) {
  warnings_.push_back(message);
  tell(Event::Kind::kWarning, "", message);
}

}  // namespace hypersynth::pipeline
