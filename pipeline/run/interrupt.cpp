#include "pipeline/run/interrupt.h"

#include <atomic>
#include <cassert>
#include <cerrno>
#include <fcntl.h>
#include <signal.h>
#include <system_error>
#include <unistd.h>

namespace hypersynth::pipeline {
namespace {

constexpr int kInterrupted = 130;

std::atomic<int> announce_to{-1};
std::atomic<int> passed_on{0};  // signals from the parent, which may have got the terminal's too
std::atomic<int> from_others{0};
struct sigaction previous_interrupt;
struct sigaction previous_terminate;

void on_signal(int, siginfo_t* info, void*) {
  auto& seen = info->si_code <= 0 && info->si_pid == ::getppid() ? passed_on : from_others;
  if (seen.fetch_add(1) > 0) ::_exit(kInterrupted);
  const int saved_errno = errno;
  const char byte = 1;
  (void)!::write(announce_to, &byte, 1);
  errno = saved_errno;
}

}  // namespace

Interrupt::Interrupt() {
  assert(announce_to == -1);
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe");
  read_ = FileDescriptor(ends[0]);
  write_ = FileDescriptor(ends[1]);
  announce_to = write_.get();
  passed_on = 0;
  from_others = 0;
  listener_ = std::thread([this] { listen(); });
  struct sigaction action = {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_RESTART | SA_SIGINFO;
  ::sigaction(SIGINT, &action, &previous_interrupt);
  ::sigaction(SIGTERM, &action, &previous_terminate);
}

Interrupt::~Interrupt() {
  ::sigaction(SIGINT, &previous_interrupt, nullptr);
  ::sigaction(SIGTERM, &previous_terminate, nullptr);
  announce_to = -1;
  write_.reset();
  listener_.join();
}

void Interrupt::listen() {
  char byte = 0;
  ssize_t count = 0;
  do {
    count = ::read(read_.get(), &byte, 1);
  } while (count < 0 && errno == EINTR);
  if (count == 1) stop_.request_stop();
}

}  // namespace hypersynth::pipeline
