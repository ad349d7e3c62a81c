#include "pipeline/execution/local_executor.h"

#include <cstdlib>
#include <cstring>
#include <sstream>

#include "core/joined.h"
#include "pipeline/execution/task_file.h"

namespace hypersynth::pipeline {
namespace {

constexpr auto kMemoryInterval = std::chrono::milliseconds(100);
constexpr auto kGrace = std::chrono::milliseconds(1000);
constexpr std::size_t kTail_bytes = 4096;

/// The entry `id` of a list such as "2,3", or `id` itself.
std::string visible_gpu(const char* visible, int id) {
  if (visible == nullptr || *visible == '\0') return std::to_string(id);
  std::istringstream list{std::string(visible)};
  std::string entry;
  for (int i = 0; i <= id; ++i) {
    if (!std::getline(list, entry, ',')) return std::to_string(id);
  }
  return entry;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> slot_environment(const Slots& slots,
                                                                  bool with_gpus) {
  std::vector<std::pair<std::string, std::string>> environment;
  for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
                           "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"})
    environment.emplace_back(name, std::to_string(slots.cpus));
  if (with_gpus) {
    const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
    std::string ids;
    for (const int id : slots.gpu_ids) ids += (ids.empty() ? "" : ",") + visible_gpu(visible, id);
    environment.emplace_back("CUDA_VISIBLE_DEVICES", ids);
  }
  return environment;
}

Failure over_memory(std::uint64_t used_bytes, std::uint64_t limit_bytes) {
  Failure failure;
  failure.cause = Cause::kMemory;
  failure.message = "used " + display_bytes(used_bytes) + " of memory, its limit is " +
                    display_bytes(limit_bytes);
  failure.usage.peak_bytes = used_bytes;
  return failure;
}

std::string tail(const FileSystem& file_system, const fs::path& file) {
  std::string text = file_system.read(file).value_or(std::string());
  if (text.size() <= kTail_bytes) return text;
  text = text.substr(text.size() - kTail_bytes);
  return text.substr(text.find('\n') + 1);
}

LocalExecutor::LocalExecutor(const WorkFolder& work_folder, DigestMemo& memo, EventLoop& loop,
                             const ResourceLimits& limits, std::vector<std::string> program)
    : work_folder_(work_folder),
      memo_(memo),
      loop_(loop),
      pool_(limits),
      program_(std::move(program)),
      threads_(static_cast<std::size_t>(pool_.limits().cpus)) {}

std::optional<std::string> LocalExecutor::refusal(const Resources& needs, Placement) const {
  return pool_.refusal(needs);
}

std::optional<Slots> LocalExecutor::take(const Resources& needs, Placement) {
  return pool_.take(needs);
}

void LocalExecutor::give_back(const Slots& slots, Placement) { pool_.give_back(slots); }

void LocalExecutor::start(Task task, Done done) {
  const bool process = task.placement == Placement::kProcess;
  if (process) ++processes_;
  if (process && !watching_) watch_memory();
  auto shared = std::make_shared<const Task>(std::move(task));
  threads_.submit([this, process, shared, done = std::move(done)] {
    auto outcome = std::make_shared<TaskOutcome>(
        process ? run_process(*shared)
                : execute(work_folder_, *shared, memo_, stop_.get_token(), Metering::kThread));
    loop_.post([this, process, shared, done, outcome] {
      if (process) --processes_;
      done(*shared, std::move(*outcome));
    });
  });
}

void LocalExecutor::watch_memory() {
  watching_ = true;
  loop_.after(kMemoryInterval, [this] {
    children_.check_memory();
    watching_ = false;
    if (processes_ > 0) watch_memory();
  });
}

TaskOutcome LocalExecutor::run_process(const Task& task) {
  const FileSystem& file_system = work_folder_.file_system();
  const fs::path task_file = task.attempt_dir.native() + ".task";
  const fs::path output = task.attempt_dir.native() + ".log";
  TaskOutcome outcome;
  try {
    outcome = run_child(task, task_file, output);
  } catch (...) {
    outcome = current_failure(work_folder_, {});
  }
  for (const fs::path& leftover :
       {task_file, output, fs::path(task.attempt_dir.native() + ".failure")}) {
    try {
      file_system.remove(leftover);
    } catch (const std::system_error&) {  // the next run clears it away
    }
  }
  return outcome;
}

TaskOutcome LocalExecutor::run_child(const Task& task, const fs::path& task_file,
                                     const fs::path& output) {
  const FileSystem& file_system = work_folder_.file_system();
  file_system.write(task_file, to_json_text(task, work_folder_.root()));
  ChildProcesses::Command command;
  command.arguments = program_;
  for (const std::string& word :
       {std::string("--run-node"), task_file.string(), std::string("--watch-fd"),
        std::to_string(ChildProcesses::kWatchDescriptor)})
    command.arguments.push_back(word);
  command.environment = slot_environment(task.slots, !pool_.limits().gpu_ids.empty());
  command.output = output;
  command.memory_bytes =
      task.slots.memory_bytes != 0 ? task.slots.memory_bytes : pool_.limits().memory_bytes;
  const ChildExit exit = children_.run(command);
  TaskOutcome outcome = read_outcome(task, exit, output);
  if (auto* failure = std::get_if<Failure>(&outcome)) {
    failure->command = joined(command.arguments, " ");
    failure->stderr_tail = tail(file_system, output);
    file_system.remove(task.attempt_dir);
    return outcome;
  }
  const auto log = file_system.identify(output);
  if (log && log->size_bytes > 0 && std::get<Result>(outcome).has_folder)
    file_system.rename(output, work_folder_.nodes() / task.folder / "log.txt");
  return outcome;
}

TaskOutcome LocalExecutor::read_outcome(const Task& task, const ChildExit& exit,
                                        const fs::path& output) const {
  const FileSystem& file_system = work_folder_.file_system();
  Failure failure;
  failure.usage = exit.usage;
  failure.signal = exit.signal;
  failure.exit_code = exit.exit_code;
  if (exit.signal == 0 && exit.exit_code == 0) {
    if (auto result = work_folder_.stored(task.folder, task.key.digest)) return *result;
    failure.cause = Cause::kExit;
    failure.message = "its process ended without an intact result";
    return failure;
  }
  if (exit.over_memory) {
    const std::uint64_t limit =
        task.slots.memory_bytes != 0 ? task.slots.memory_bytes : pool_.limits().memory_bytes;
    failure = over_memory(exit.usage.peak_bytes.value_or(0), limit);
    failure.usage = exit.usage;
    failure.signal = exit.signal;
  } else if (exit.cancelled) {
    failure.cause = Cause::kCancelled;
    failure.message = "cancelled";
  } else if (exit.signal != 0) {
    failure.cause = Cause::kSignal;
    failure.message = std::string("its process was ended by signal ") +
                      std::to_string(exit.signal) + " (" + ::strsignal(exit.signal) + ')';
  } else {
    const auto told = file_system.read(task.attempt_dir.native() + ".failure");
    if (auto reported = told ? failure_from_json_text(*told) : std::nullopt) return *reported;
    const bool disk =
        exit.exit_code == kDiskErrorCode || disk_is_full(file_system, work_folder_.root());
    failure.cause = disk ? Cause::kDiskFull : Cause::kExit;
    failure.message = "its process ended with exit code " + std::to_string(exit.exit_code) +
                      " and without a result; see the last lines of " + output.filename().string();
  }
  return failure;
}

void LocalExecutor::cancel() {
  stop_.request_stop();
  children_.cancel(false);
  loop_.after(kGrace, [this] { children_.cancel(true); });
}

}  // namespace hypersynth::pipeline
