#include "pipeline/execution/event_loop.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <unistd.h>

#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace hypersynth::pipeline {
namespace {

FileDescriptor checked(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return FileDescriptor(descriptor);
}

}  // namespace

EventLoop::EventLoop()
    : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wake_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
  watch(wake_.get(), [] {});
}

void EventLoop::post(Callback callback) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(callback));
  }
  const std::uint64_t one = 1;
  if (first) (void)!::write(wake_.get(), &one, sizeof one);
}

void EventLoop::watch(int descriptor, Callback callback) {
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  watched_[descriptor] = std::move(callback);
}

void EventLoop::unwatch(int descriptor) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
  watched_.erase(descriptor);
}

std::size_t EventLoop::after(std::chrono::milliseconds delay, Callback callback) {
  timers_.emplace(next_timer_, Timer{Clock::now() + delay, std::move(callback)});
  return next_timer_++;
}

void EventLoop::cancel(std::size_t timer) { timers_.erase(timer); }

bool EventLoop::run_posted() {
  std::vector<Callback> callbacks;
  {
    const std::lock_guard lock(mutex_);
    callbacks.swap(posted_);
  }
  for (const auto& callback : callbacks) callback();
  return !callbacks.empty();
}

void EventLoop::run_timers() {
  if (timers_.empty()) return;
  const auto now = Clock::now();
  std::vector<std::size_t> due;
  for (const auto& [number, timer] : timers_) {
    if (timer.due <= now) due.push_back(number);
  }
  std::sort(due.begin(), due.end());
  for (const std::size_t number : due) {
    const auto found = timers_.find(number);
    if (found == timers_.end()) continue;  // cancelled by one before it
    const Callback callback = std::move(found->second.callback);
    timers_.erase(found);
    callback();
  }
}

int EventLoop::timeout_ms() const {
  if (timers_.empty()) return -1;
  auto first = Clock::time_point::max();
  for (const auto& [number, timer] : timers_) first = std::min(first, timer.due);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(first - Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 3'600'000));
}

void EventLoop::run_once() {
  const bool ran = run_posted();
  std::array<epoll_event, 64> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                 ran ? 0 : timeout_ms());
  if (count < 0 && errno != EINTR)
    throw std::system_error(errno, std::generic_category(), "epoll_wait");
  for (int i = 0; i < count; ++i) {
    const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
    if (descriptor == wake_.get()) {
      std::uint64_t value = 0;
      (void)!::read(descriptor, &value, sizeof value);
      continue;
    }
    const auto found = watched_.find(descriptor);
    if (found == watched_.end()) continue;
    const Callback callback = found->second;  // it may unwatch itself
    callback();
  }
  run_posted();
  run_timers();
}

}  // namespace hypersynth::pipeline
