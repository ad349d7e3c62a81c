#include "pipeline/execution/execute.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <new>
#include <system_error>

#include <boost/system/system_error.hpp>
#include <sys/resource.h>

#include "pipeline/execution/process_memory.h"

namespace hypersynth::pipeline {
namespace {

constexpr std::uint64_t kNothingFree_bytes = 64 * 1024;

double cpu_s_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double process_cpu_s() {
  double sum = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage = {};
    ::getrusage(who, &usage);
    sum += cpu_s_of(usage.ru_utime) + cpu_s_of(usage.ru_stime);
  }
  return sum;
}

std::uint64_t process_peak_bytes() {
  rusage children = {};
  ::getrusage(RUSAGE_CHILDREN, &children);
  return std::max(own_peak_bytes(), static_cast<std::uint64_t>(children.ru_maxrss) * 1024);
}

double thread_cpu_s() {
  timespec time = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

bool is_below(const fs::path& path, const fs::path& folder) {
  const std::string& text = path.native();
  const std::string& prefix = folder.native();
  return text.size() > prefix.size() && text[prefix.size()] == '/' &&
         text.compare(0, prefix.size(), prefix) == 0;
}

/// Holds the input files of a node to the versions that its cache key was made from, so that the
/// result of one version is never kept as that of another. A file that is replaced and put back
/// while the node runs is noticed by its inode and its change time, which cannot be set back.
class InputWatch {
 public:
  InputWatch(const std::vector<InputDigest>& files, DigestMemo& memo) {
    for (const auto& [path, digest] : files) {
      const FileVersion version = memo.find(path);
      if (version.digest != digest) changed(path);
      if (!version.identity.folder) begun_.push_back({path, version.identity});
    }
  }

  /// Throws where a file is not the one that the node began with.
  void check(const FileSystem& file_system) const {
    for (const auto& [path, identity] : begun_) {
      if (file_system.identify(path) != identity) changed(path);
    }
  }

 private:
  [[noreturn]] static void changed(const fs::path& path) {
    throw InputError(path.string(), "a file that stays as it is while it is worked on",
                     "that it changed; run again");
  }

  std::vector<std::pair<fs::path, FileIdentity>> begun_;
};

/// An output that the node did not write, or that is not where it says.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Turns what a node returned into a committed result.
class Commit {
 public:
  Commit(const WorkFolder& work_folder, const Task& task, DigestMemo& memo)
      : work_folder_(work_folder), task_(task), memo_(memo) {}

  Result run(Values outputs, const NodeContext& context, const Usage& usage) {
    Result result;
    result.node = task_.node;
    result.folder = task_.folder;
    result.key = task_.key;
    result.warnings = context.warnings();
    result.usage = usage;
    result.host = host_name();
    result.boot = boot_id();
    result.has_folder = context.has_work_dir();
    const auto& ports = task_.interface->outputs();
    for (std::size_t port = 0; port < outputs.size(); ++port) {
      if (ports[port].hashed == Hashed::kPath) continue;
      for_each_path(outputs[port],
                    [&](fs::path& path) { take_file(ports[port].name, path, result); });
    }
    result.outputs = std::move(outputs);
    const auto& file_system = work_folder_.file_system();
    if (context.has_work_dir() && disk_is_full(file_system, work_folder_.root()))
      throw std::system_error(ENOSPC, std::generic_category(), task_.attempt_dir.string());
    return publish(std::move(result));
  }

 private:
  void take_file(const std::string& port, fs::path& path, Result& result) {
    if (path.empty()) return;
    if (path.is_relative())
      throw OutputError("output '" + port + "' is a relative path: " + path.string());
    if (!work_folder_.file_system().identify(path))
      throw OutputError("output '" + port + "' was not written: " + path.string());
    const FileVersion version = memo_.find_new(path);
    if (is_below(path, task_.attempt_dir)) {
      const fs::path name(path.native().substr(task_.attempt_dir.native().size() + 1));
      path = work_folder_.nodes() / task_.folder / name;
    }
    result.files.push_back({path, version});
  }

  Result publish(Result result) {
    const auto& file_system = work_folder_.file_system();
    const std::string line = to_json_line(result, work_folder_.nodes()) + '\n';
    bool first = true;
    if (result.has_folder) {
      file_system.write(task_.attempt_dir / "result.json", line);
      first = file_system.rename(task_.attempt_dir, work_folder_.nodes() / task_.folder);
    } else {
      file_system.write(task_.attempt_dir, line);
      const fs::path record = work_folder_.nodes() / (task_.folder + ".json");
      // A cluster may run a job twice; the driver's own attempts are alone.
      first = task_.placement == Placement::kProcess
                  ? file_system.rename_new(task_.attempt_dir, record)
                  : file_system.rename(task_.attempt_dir, record);
    }
    if (first) return result;
    auto stored = work_folder_.stored(task_.folder, task_.key.digest);
    if (!stored) {
      throw OutputError("the result's folder is taken: " +
                        (work_folder_.nodes() / task_.folder).string());
    }
    file_system.remove(task_.attempt_dir);
    return *stored;
  }

  const WorkFolder& work_folder_;
  const Task& task_;
  DigestMemo& memo_;
};

/// Measures an attempt.
class Stopwatch {
 public:
  explicit Stopwatch(Metering metering) : metering_(metering) {}

  Usage usage() const {
    Usage usage;
    usage.started_ms = started_ms_;
    usage.wall_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
    if (metering_ == Metering::kThread) {
      usage.cpu_s = thread_cpu_s() - cpu_s_;
    } else {
      usage.cpu_s = process_cpu_s();
      usage.peak_bytes = process_peak_bytes();
    }
    return usage;
  }

 private:
  Metering metering_;
  std::int64_t started_ms_ = now_ms();
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  double cpu_s_ = thread_cpu_s();
};

}  // namespace

Failure current_failure(const WorkFolder& work_folder, const Usage& usage) {
  Failure failure;
  failure.usage = usage;
  std::error_code code;
  try {
    throw;
  } catch (const std::system_error& error) {
    code = error.code();
    failure.message = error.what();
  } catch (const boost::system::system_error& error) {
    code = error.code();
    failure.message = error.what();
  } catch (const std::bad_alloc&) {
    failure.cause = Cause::kMemory;
    failure.message = "not enough memory";
    return failure;
  } catch (const InputError& error) {
    failure.message = error.what();
    failure.input = error.findings();
  } catch (const std::exception& error) {
    failure.message = error.what();
  } catch (...) {
    failure.message = "an exception of an unknown type";
  }
  // An input that cannot be read is not the output's fault.
  const bool of_input = code == std::errc::io_error &&
                        failure.message.find(work_folder.root().string()) == std::string::npos;
  const bool full = (is_disk_error(code) && !of_input) ||
                    disk_is_full(work_folder.file_system(), work_folder.root());
  failure.cause = full ? Cause::kDiskFull : Cause::kException;
  return failure;
}

bool disk_is_full(const FileSystem& file_system, const fs::path& folder) {
  try {
    return file_system.free_bytes(folder) < kNothingFree_bytes;
  } catch (const std::system_error&) {
    return false;
  }
}

TaskOutcome execute(const WorkFolder& work_folder, const Task& task, DigestMemo& memo,
                    const std::stop_token& stop, Metering metering) {
  const Stopwatch stopwatch(metering);
  NodeContext context(task.node, task.attempt_dir, task.slots, task.key.digest.high, stop,
                      task.key.files);
  try {
    const InputWatch watch(task.key.files, memo);
    Values outputs = task.interface->run(task.inputs, context);
    const Usage usage = stopwatch.usage();
    watch.check(work_folder.file_system());
    return Commit(work_folder, task, memo).run(std::move(outputs), context, usage);
  } catch (...) {
    Failure result = current_failure(work_folder, stopwatch.usage());
    try {
      work_folder.file_system().remove(task.attempt_dir);
    } catch (const std::system_error&) {  // the next run clears it away
    }
    return result;
  }
}

}  // namespace hypersynth::pipeline
