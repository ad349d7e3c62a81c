#pragma once

#include "pipeline/execution/event_loop.h"
#include "pipeline/run/observer.h"

namespace hypersynth::pipeline {

/// Counts what happens in a run, estimates how long the rest takes, and tells the observer.
class Reporter {
 public:
  explicit Reporter(Observer* observer) : observer_(observer) {}

  void tell(Event::Kind kind, const std::string& node, const std::string& message,
            const Usage* usage = nullptr, const Failure* failure = nullptr);
  void warn(const std::string& message);

  Progress& progress() { return progress_; }
  const Progress& progress() const { return progress_; }

  /// A node ran to its end.
  void count_execution() { ++executed_; }

  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  Observer* observer_;
  Progress progress_;
  std::vector<std::string> warnings_;
  std::size_t executed_ = 0;
  EventLoop::Clock::time_point started_ = EventLoop::Clock::now();
};

}  // namespace hypersynth::pipeline
