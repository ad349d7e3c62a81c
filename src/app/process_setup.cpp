#include "app/process_setup.h"

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <fcntl.h>
#include <mutex>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

#include "core/error.h"
#include "pipeline/files/file_descriptor.h"

namespace hypersynth {

namespace {

/// Images, sidecars and logs that are open at once, and what libraries open.
constexpr int kFiles = 48;
/// Besides those that compute: signals, disk, progress.
constexpr int kOtherThreads = 8;

void check_files(int count) {
  std::vector<FileDescriptor> open;
  for (int i = 0; i < count; ++i) {
    open.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (open.back()) continue;
    if (errno != EMFILE && errno != ENFILE)
      throw Error(ExitCode::kIo, "/dev/null: expected a device that can be opened, found: " +
                                     std::generic_category().message(errno));
    throw Error(ExitCode::kTryAgain, "expected to open " + std::to_string(count) +
                                         " more files at once, found room for " +
                                         std::to_string(i) +
                                         " (ulimit -n): " + std::generic_category().message(errno));
  }
}

void check_threads(int count) {
  std::mutex mutex;
  std::condition_variable wake;
  bool end = false;
  std::vector<std::thread> threads;
  std::string problem;
  for (int i = 0; i < count && problem.empty(); ++i) {
    try {
      threads.emplace_back([&] {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return end; });
      });
    } catch (const std::system_error& error) {
      problem = "expected to start " + std::to_string(count) +
                " threads (--nprocs), found room for " + std::to_string(i) +
                " (ulimit -u): " + error.code().message();
    }
  }
  {
    const std::lock_guard lock(mutex);
    end = true;
  }
  wake.notify_all();
  for (auto& thread : threads) thread.join();
  if (!problem.empty()) throw Error(ExitCode::kTryAgain, problem);
}

}  // namespace

void set_up_process() {
  for (int descriptor = 0; descriptor <= STDERR_FILENO; ++descriptor) {
    // For reading: what is written to a standard output that is closed fails, as it should.
    if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF) (void)!::open("/dev/null", O_RDONLY);
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void check_process_limits(const CommonOptions& options) {
  const int processors = options.processors();
  check_files(kFiles + processors);
  check_threads(options.threads() + processors + kOtherThreads);
}

}  // namespace hypersynth
