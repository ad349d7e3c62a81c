#include <cerrno>
#include <charconv>
#include <chrono>
#include <iostream>
#include <signal.h>
#include <string_view>
#include <system_error>
#include <thread>
#include <unistd.h>

#include "pipeline/execution/execute.h"
#include "pipeline/execution/local_executor.h"
#include "pipeline/execution/process_memory.h"
#include "pipeline/execution/task_file.h"
#include "pipeline/graph/registry.h"

namespace hypersynth::pipeline {
namespace {

constexpr auto kMemoryInterval = std::chrono::milliseconds(100);

/// What stands behind `--run-node`.
struct Arguments {
  fs::path file;
  int watch_descriptor = -1;  ///< of a pipe that ends when the driver does
  int restart = -1;           ///< how many times a cluster began this job before
  bool is_job() const { return restart >= 0; }
  bool by_driver() const { return watch_descriptor >= 0 || is_job(); }
};

int parse_number(std::string_view text) {
  int number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// A driver that was killed takes its nodes, and what they started, with it.
void die_with_driver(int descriptor) {
  std::thread([descriptor] {
    char byte = 0;
    ssize_t count = 0;
    do {
      count = ::read(descriptor, &byte, 1);
    } while (count > 0 || (count < 0 && errno == EINTR));
    ::kill(0, SIGKILL);  // this process leads a group of its own
  }).detach();
}

fs::path report_of(const Task& task) { return task.attempt_dir.native() + ".failure"; }

/// Ends this process, with a report, once it and what it started hold more memory than they may.
void watch_memory(const Task& task) {
  if (task.slots.memory_bytes == 0) return;
  std::thread([report = report_of(task), limit_bytes = task.slots.memory_bytes,
               started_ms = now_ms()] {
    std::uint64_t used_bytes = 0;
    while ((used_bytes = tree_resident_bytes(::getpid())) <= limit_bytes)
      std::this_thread::sleep_for(kMemoryInterval);
    Failure failure = over_memory(used_bytes, limit_bytes);
    failure.usage.started_ms = started_ms;
    failure.usage.wall_s = static_cast<double>(now_ms() - started_ms) / 1000;
    real_file_system().write(report, to_json_text(failure));
    ::_exit(1);
  }).detach();
}

TaskOutcome run_task(const WorkFolder& work_folder, const Task& task) {
  DigestMemo memo(work_folder.file_system());
  work_folder.file_system().remove(task.attempt_dir);
  return execute(work_folder, task, memo, {}, Metering::kProcess);
}

int run_stored(const StoredTask& stored, const Registry& registry, const Arguments& arguments) {
  Task task = stored.task;
  task.interface = registry.make(stored.interface_id);
  if (!task.interface || task.interface->version() != stored.interface_version) {
    throw std::runtime_error("this program has no interface '" + stored.interface_id +
                             "' of version " + stored.interface_version);
  }
  const bool by_driver = arguments.by_driver();
  const WorkFolder work_folder(stored.work_dir, real_file_system(),
                               by_driver ? WorkFolder::Role::kStep : WorkFolder::Role::kDriver);
  if (!by_driver && !work_folder.try_lock(task.key.digest))
    throw std::runtime_error("another run is at node '" + task.node + "'");
  if (!by_driver) {
    if (!work_folder.stored(task.folder, task.key.digest)) work_folder.discard(task.folder);
    task.attempt_dir = work_folder.new_attempt(task.folder);
  }
  if (arguments.is_job()) {
    // A cluster may run a job again whose end it has not seen.
    if (work_folder.stored(task.folder, task.key.digest)) return 0;
    task.attempt_dir += '.' + std::to_string(arguments.restart);
    watch_memory(task);
  }
  const TaskOutcome outcome = run_task(work_folder, task);
  const auto* failure = std::get_if<Failure>(&outcome);
  if (failure == nullptr) return 0;
  std::cerr << task.node << ": " << failure->message << '\n';
  if (by_driver) work_folder.file_system().write(report_of(task), to_json_text(*failure));
  return 1;
}

}  // namespace

std::optional<int> serve_node(int argc, const char* const* argv, const Registry& registry) {
  if (argc < 3 || std::string_view(argv[1]) != "--run-node") return std::nullopt;
  Arguments arguments;
  arguments.file = argv[2];
  for (int i = 3; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--watch-fd") arguments.watch_descriptor = parse_number(argv[i + 1]);
    if (name == "--restart") arguments.restart = parse_number(argv[i + 1]);
  }
  try {
    if (arguments.watch_descriptor >= 0) die_with_driver(arguments.watch_descriptor);
    const auto text = real_file_system().read(arguments.file);
    if (!text) throw std::runtime_error(arguments.file.string() + ": no such file");
    return run_stored(task_from_json_text(*text), registry, arguments);
  } catch (const std::system_error& error) {
    std::cerr << "a node could not be run: " << error.what() << '\n';
    return is_disk_error(error.code()) ? kDiskErrorCode : 1;
  } catch (const std::exception& error) {
    std::cerr << "a node could not be run: " << error.what() << '\n';
    return 1;
  }
}

}  // namespace hypersynth::pipeline
