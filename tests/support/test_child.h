#pragma once

#include <functional>
#include <sched.h>
#include <unistd.h>

#include <sys/wait.h>

namespace hypersynth {

/// Starts `work` in a child process that never returns into the test: it exits with 0 where `work`
/// returns and with 1 where it throws.
inline pid_t start_child(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      work();
      ::_exit(0);
    } catch (...) {
      ::_exit(1);
    }
  }
  return child;
}

/// Runs `work` in a child process to its end; its exit code.
inline int run_child(const std::function<void()>& work) {
  int status = 0;
  ::waitpid(start_child(work), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

constexpr int kNoContainer = 77;

/// Runs `work` as process 1 of a PID namespace of its own, as in a container; kNoContainer where
/// this machine does not allow that.
inline int run_container(const std::function<void()>& work) {
  return run_child([&] {
    if (::unshare(CLONE_NEWPID) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0)
      ::_exit(kNoContainer);
    ::_exit(run_child(work));
  });
}

}  // namespace hypersynth
