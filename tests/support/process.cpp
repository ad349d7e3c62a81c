#include "support/process.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <spawn.h>
#include <system_error>
#include <unistd.h>

#include <sys/wait.h>

namespace hypersynth {
namespace {

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (added.count(text.substr(0, text.find('='))) == 0) merged.push_back(text);
  }
  for (const auto& [name, value] : added) merged.push_back(name + "=" + value);
  return merged;
}

std::vector<char*> as_c_strings(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Process::Process(const std::vector<std::string>& command,
                 const std::map<std::string, std::string>& environment) {
  std::vector<std::string> arguments = command;
  std::vector<std::string> variables = merged_environment(environment);
  const int write_new = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, (streams_ / "out").c_str(), write_new,
                                   0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, (streams_ / "err").c_str(), write_new,
                                   0600);
  const int error = posix_spawnp(&pid_, arguments.front().c_str(), &actions, nullptr,
                                 as_c_strings(arguments).data(), as_c_strings(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), command.front());
}

Process::~Process() {
  if (ended_) return;
  send(SIGKILL);
  reap(0);
}

void Process::send(int signal) const { ::kill(pid_, signal); }

void Process::reap(int flags) {
  pid_t reaped = 0;
  do {
    reaped = ::waitpid(pid_, &status_, flags);
  } while (reaped < 0 && errno == EINTR);
  ended_ = reaped == pid_;
}

bool Process::running() {
  if (!ended_) reap(WNOHANG);
  return !ended_;
}

ProcessResult Process::wait() {
  if (!ended_) reap(0);
  ProcessResult result;
  if (WIFEXITED(status_)) result.exit_code = WEXITSTATUS(status_);
  if (WIFSIGNALED(status_)) result.signal = WTERMSIG(status_);
  result.out = read_text(streams_ / "out");
  result.err = read_text(streams_ / "err");
  return result;
}

ProcessResult run_process(const std::vector<std::string>& command,
                          const std::map<std::string, std::string>& environment) {
  return Process(command, environment).wait();
}

std::string read_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace hypersynth
