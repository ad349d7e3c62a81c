#pragma once

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <signal.h>
#include <spawn.h>
#include <string>
#include <thread>
#include <vector>

#include <boost/filesystem.hpp>
#include <sys/wait.h>

extern char** environ;

namespace hypersynth::pipeline {

/// The program of driver.cpp.
inline std::string driver_program() { return HYPERSYNTH_PIPELINE_DRIVER; }

inline std::vector<std::string> lines_of(const boost::filesystem::path& file) {
  std::ifstream stream(file.string());
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Whether `condition` becomes true within `limit`.
template <class Condition>
bool becomes_true(const Condition& condition,
                  std::chrono::milliseconds limit = std::chrono::seconds(30)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

inline bool wait_for_lines(const boost::filesystem::path& file, std::size_t count) {
  return becomes_true([&] { return lines_of(file).size() >= count; });
}

/// Whether a process has ended, or only waits for its parent to notice, within two seconds.
inline bool ends_soon(const std::string& pid) {
  return becomes_true(
      [&] {
        std::ifstream stat("/proc/" + pid + "/stat");
        std::string number;
        std::string name;
        std::string state;
        return !(stat >> number >> name >> state) || state == "Z" || state == "X";
      },
      std::chrono::seconds(2));
}

/// A running driver; killed when the object goes.
class DriverProcess {
 public:
  explicit DriverProcess(const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {driver_program()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    if (::posix_spawn(&pid_, words[0].c_str(), nullptr, nullptr, pointers.data(), environ) != 0)
      pid_ = -1;
  }
  ~DriverProcess() {
    if (pid_ <= 0) return;
    signal(SIGKILL);
    wait();
  }
  DriverProcess(const DriverProcess&) = delete;
  DriverProcess& operator=(const DriverProcess&) = delete;

  void signal(int number) const { ::kill(pid_, number); }

  /// The exit code, or minus the signal.
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
};

}  // namespace hypersynth::pipeline
