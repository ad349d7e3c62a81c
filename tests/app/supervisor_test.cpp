// A run that something kills is begun once more, with its steps apart.

#include "app/supervisor.h"

#include <csignal>
#include <cstdlib>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "core/error.h"

namespace hypersynth {
namespace {

void die_of(int signal) {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

TEST(SupervisorTest, TheExitCodeIsThatOfTheWork) {
  EXPECT_EQ(supervise([](bool isolated) { return isolated ? 1 : 65; }), 65);
}

TEST(SupervisorTest, WorkThatCrashesIsDoneAgainIsolated) {
  for (const int signal : {SIGSEGV, SIGABRT, SIGKILL}) {
    const int code = supervise([&](bool isolated) {
      if (!isolated) die_of(signal);
      return 65;
    });
    EXPECT_EQ(code, 65) << signal;
  }
}

TEST(SupervisorTest, WorkThatCrashesTwiceIsAnErrorWithACodeOfItsOwn) {
  const auto dies_of = [](int signal) {
    return supervise([&](bool) {
      die_of(signal);
      return 0;
    });
  };
  EXPECT_EQ(dies_of(SIGSEGV), static_cast<int>(ExitCode::kInternal));
  EXPECT_EQ(dies_of(SIGKILL), static_cast<int>(ExitCode::kTryAgain));
}

/// A process that supervises work which waits for SIGTERM and then ends with code 7.
pid_t start_waiting_work(int ready) {
  const pid_t process = ::fork();
  if (process != 0) return process;
  std::_Exit(supervise([&](bool) {
    sigset_t terminate;
    sigemptyset(&terminate);
    sigaddset(&terminate, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &terminate, nullptr);
    (void)!::write(ready, "x", 1);
    int signal = 0;
    ::sigwait(&terminate, &signal);
    return 7;
  }));
}

TEST(SupervisorTest, SignalsArePassedOnAndTheWorkDoesNotOutliveItsSupervisor) {
  for (const int signal : {SIGTERM, SIGKILL}) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t process = start_waiting_work(ends[1]);
    ::close(ends[1]);
    char byte = 0;
    ASSERT_EQ(::read(ends[0], &byte, 1), 1);
    ::kill(process, signal);
    int status = 0;
    ASSERT_EQ(::waitpid(process, &status, 0), process);
    if (signal == SIGTERM) {
      EXPECT_EQ(WEXITSTATUS(status), 7);
    }
    EXPECT_EQ(::read(ends[0], &byte, 1), 0) << "the work has ended and closed its end";
    ::close(ends[0]);
  }
}

}  // namespace
}  // namespace hypersynth
