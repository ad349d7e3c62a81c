#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "pipeline/files/file_descriptor.h"

namespace hypersynth::pipeline {

/// Runs callbacks in the thread that calls `run_once`: those that other threads post, those of file
/// descriptors that can be read, and those of timers that are due.
class EventLoop {
 public:
  using Callback = std::function<void()>;
  using Clock = std::chrono::steady_clock;

  EventLoop();

  /// Runs `callback` in the loop's thread; may be called from any thread.
  void post(Callback callback);

  /// Runs `callback` whenever `descriptor` can be read, until `unwatch`.
  void watch(int descriptor, Callback callback);
  void unwatch(int descriptor);

  /// Runs `callback` once after `delay`; returns a number for `cancel`.
  std::size_t after(std::chrono::milliseconds delay, Callback callback);
  void cancel(std::size_t timer);

  /// Runs what is due; sleeps until something is when nothing is.
  void run_once();

 private:
  struct Timer {
    Clock::time_point due;
    Callback callback;
  };

  bool run_posted();
  void run_timers();
  int timeout_ms() const;

  FileDescriptor epoll_;
  FileDescriptor wake_;
  std::mutex mutex_;
  std::vector<Callback> posted_;
  std::unordered_map<int, Callback> watched_;
  std::unordered_map<std::size_t, Timer> timers_;
  std::size_t next_timer_ = 1;
};

}  // namespace hypersynth::pipeline
