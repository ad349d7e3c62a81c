#include "pipeline/execution/child_process.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <system_error>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/wait.h>

#include "pipeline/execution/process_memory.h"

extern char** environ;

namespace hypersynth::pipeline {
namespace {

void check(int error, const std::string& what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

/// Owns what posix_spawn is told besides the arguments.
class SpawnSettings {
 public:
  SpawnSettings(const fs::path& output, int watch) {
    check(::posix_spawn_file_actions_init(&actions_), "posix_spawn");
    check(::posix_spawnattr_init(&attributes_), "posix_spawn");
    ::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions_, 1, output.c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0666);
    ::posix_spawn_file_actions_adddup2(&actions_, 1, 2);
    ::posix_spawn_file_actions_adddup2(&actions_, watch, ChildProcesses::kWatchDescriptor);
    sigset_t none;
    sigemptyset(&none);
    sigset_t defaults;
    sigemptyset(&defaults);
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) sigaddset(&defaults, signal);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &defaults);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

std::vector<std::string> merged_environment(
    const std::vector<std::pair<std::string, std::string>>& changes) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::string name = text.substr(0, text.find('='));
    const bool changed = std::any_of(changes.begin(), changes.end(),
                                     [&](const auto& change) { return change.first == name; });
    if (!changed) merged.push_back(text);
  }
  for (const auto& [name, value] : changes) merged.push_back(name + '=' + value);
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

/// Waits until the child has ended, without reaping it.
void wait_for_end(pid_t pid) {
  siginfo_t info = {};
  while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

ChildProcesses::ChildProcesses() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe");
  watch_write_ = FileDescriptor(ends[1]);
  // Away from the number that it gets in the child: a descriptor that is duplicated onto itself
  // would be closed by the exec.
  constexpr int kFirstHigh = 10;
  const FileDescriptor low(ends[0]);
  watch_read_ = FileDescriptor(::fcntl(low.get(), F_DUPFD_CLOEXEC, kFirstHigh));
  // EINVAL: fewer descriptors than that are allowed.
  if (!watch_read_)
    throw std::system_error(errno == EINVAL ? EMFILE : errno, std::generic_category(), "pipe");
}

pid_t ChildProcesses::spawn(const Command& command) {
  const SpawnSettings settings(command.output, watch_read_.get());
  auto arguments = command.arguments;
  auto environment = merged_environment(command.environment);
  pid_t pid = -1;
  check(::posix_spawnp(&pid, arguments.front().c_str(), settings.actions(), settings.attributes(),
                       pointers(arguments).data(), pointers(environment).data()),
        arguments.front());
  return pid;
}

ChildExit ChildProcesses::run(const Command& command) {
  ChildExit exit;
  exit.usage.started_ms = now_ms();
  const auto started = std::chrono::steady_clock::now();
  const pid_t pid = spawn(command);
  {
    const std::lock_guard lock(mutex_);
    children_[pid].limit_bytes = command.memory_bytes;
    if (cancelled_) ::kill(-pid, SIGKILL);
  }
  wait_for_end(pid);
  ::kill(-pid, SIGKILL);  // whatever it left behind
  Child child;
  {
    const std::lock_guard lock(mutex_);
    child = children_[pid];
    children_.erase(pid);
    exit.cancelled = cancelled_;
  }
  int status = 0;
  rusage usage = {};
  while (::wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  exit.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  exit.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  exit.over_memory = child.over_memory;
  exit.usage.wall_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  exit.usage.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  // The kernel counts the memory of the driver, from before the exec, as the child's.
  const auto counted = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  if (counted > own_peak_bytes()) child.peak_bytes = std::max(child.peak_bytes, counted);
  if (child.peak_bytes > 0) exit.usage.peak_bytes = child.peak_bytes;
  return exit;
}

void ChildProcesses::check_memory() {
  const std::lock_guard lock(mutex_);
  for (auto& [pid, child] : children_) {
    const std::uint64_t bytes = tree_resident_bytes(pid);
    child.peak_bytes = std::max(child.peak_bytes, bytes);
    if (child.limit_bytes == 0 || bytes <= child.limit_bytes) continue;
    child.over_memory = true;
    ::kill(-pid, SIGKILL);
  }
}

void ChildProcesses::cancel(bool force) {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  for (const auto& [pid, child] : children_) ::kill(-pid, force ? SIGKILL : SIGTERM);
}

}  // namespace hypersynth::pipeline
