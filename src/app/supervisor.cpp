#include "app/supervisor.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/wait.h>

#include "core/error.h"

namespace hypersynth {

namespace {

/// Signals that someone sends to end a run, or to tell it something: the child knows what to do.
constexpr int kPassedOn[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT};

bool is_crash(int signal) {
  for (const int crash : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGKILL})
    if (signal == crash) return true;
  return false;
}

/// Waits for the child; its status as waitpid() gives it. The signals in `watched` are blocked.
int wait_for(pid_t child, const sigset_t& watched) {
  while (true) {
    int signal = 0;
    ::sigwait(&watched, &signal);
    if (signal != SIGCHLD) {
      ::kill(child, signal);
      continue;
    }
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child) return status;
  }
}

/// What `work` does in a child; its status as waitpid() gives it.
int run_in_child(const std::function<int()>& work) {
  sigset_t watched;
  sigemptyset(&watched);
  for (const int signal : kPassedOn) sigaddset(&watched, signal);
  sigaddset(&watched, SIGCHLD);
  sigset_t before;
  std::signal(SIGCHLD, SIG_DFL);  // one that is ignored would take the child's status away
  ::sigprocmask(SIG_BLOCK, &watched, &before);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) {
    const int error = errno;
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    throw std::system_error(error, std::generic_category(), "a process cannot be started");
  }
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    if (::getppid() != parent) std::_Exit(EXIT_FAILURE);  // it died before it could be watched
    std::exit(work());
  }
  const int status = wait_for(child, watched);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return status;
}

std::string signal_text(int signal) {
  return "signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
}

}  // namespace

int supervise(const std::function<int(bool isolated)>& work) {
  int status = run_in_child([&] { return work(false); });
  if (WIFSIGNALED(status) && is_crash(WTERMSIG(status))) {
    std::fprintf(
        stderr,
        "hypersynth: warning: a step has ended the run with %s; it goes on with every step "
        "as a process of its own\n",
        signal_text(WTERMSIG(status)).c_str());
    status = run_in_child([&] { return work(true); });
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  const int signal = WTERMSIG(status);
  if (!is_crash(signal)) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
    // The first process of a container ignores what has no handler.
    return static_cast<int>(ExitCode::kInterrupted);
  }
  std::fprintf(stderr, "hypersynth: error: the run was ended by %s; run again to go on\n",
               signal_text(signal).c_str());
  return static_cast<int>(signal == SIGKILL ? ExitCode::kTryAgain : ExitCode::kInternal);
}

}  // namespace hypersynth
