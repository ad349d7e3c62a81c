#include "pipeline/scheduler.h"

#include <algorithm>
#include <signal.h>
#include <system_error>

#include <boost/filesystem/operations.hpp>

#include "pipeline/crash.h"
#include "pipeline/local_executor.h"

namespace hypersynth::pipeline {
namespace {

constexpr std::uint64_t kReadAtOnce_bytes = 256 * 1024;
constexpr std::size_t kReaders = 2;
constexpr auto kForeignRetry = std::chrono::milliseconds(50);

constexpr int kMostAttempts = 2;

std::vector<std::string> program_of(const RunOptions& options) {
  if (!options.program.empty()) return options.program;
  return {fs::read_symlink("/proc/self/exe").string()};
}

const FileSystem& file_system_of(const RunOptions& options) {
  return options.file_system != nullptr ? *options.file_system : real_file_system();
}

}  // namespace

Scheduler::Scheduler(Graph graph, const RunOptions& options)
    : graph_(std::move(graph)),
      options_(options),
      work_folder_(options.work_dir, file_system_of(options)),
      memo_(work_folder_.file_system()),
      assessor_(history_, memo_, work_folder_.file_system(), options.verify),
      program_(program_of(options)),
      executor_(
          std::make_unique<LocalExecutor>(work_folder_, memo_, loop_, options.limits, program_)),
      readers_(kReaders),
      syncer_(1),
      states_(graph_.size()),
      reports_(graph_.size()) {}

Scheduler::~Scheduler() = default;

void Scheduler::load_history() {
  const auto& file_system = work_folder_.file_system();
  history_ = RunLog::load(work_folder_.logs(), work_folder_.nodes(), file_system);
  for (const auto& version : std::exchange(history_.file_versions, {})) memo_.remember(version);
  work_folder_.clear_attempts();
  log_ = std::make_unique<RunLog>(work_folder_.logs(), work_folder_.run_id(), work_folder_.nodes(),
                                  file_system);
  if (history_.damaged_lines > 0) {
    warn(std::to_string(history_.damaged_lines) +
         " line(s) of the run log are cut or damaged; what they recorded is looked up again");
  }
}

RunReport Scheduler::run() {
  const std::stop_callback on_stop(options_.stop, [this] { loop_.post([this] { cancel(); }); });
  load_history();
  progress_.total = graph_.size();
  emit(Event::Kind::kRunStarted, "", graph_.name());
  for (const NodeId id : graph_.order()) {
    states_[id].pending = static_cast<std::uint32_t>(graph_[id].dependencies.size());
    if (states_[id].pending == 0) ready_.push_back(id);
  }
  while (true) {
    advance();
    if (!is_busy()) break;
    write_log();
    loop_.run_once();
  }
  finish();
  emit(Event::Kind::kRunFinished, "", halted_);
  return make_report();
}

bool Scheduler::is_busy() const {
  if (progress_.running > 0 || digesting_ > 0 || !ready_.empty()) return true;
  return halted_.empty() && (!queue_.empty() || !foreign_.empty());
}

void Scheduler::advance() {
  do {
    while (!ready_.empty()) {
      const NodeId id = ready_.front();
      ready_.pop_front();
      consider(id);
    }
    dispatch();
  } while (!ready_.empty());
}

void Scheduler::consider(NodeId id) {
  const Resolver resolver(graph_, states_);
  if (const auto blocker = resolver.blocker(id)) {
    const NodeStatus& blocked_by = states_[*blocker];
    const bool first = blocked_by.state == NodeState::kFailed;
    states_[id].error = first ? "'" + graph_[*blocker].name + "' failed" : blocked_by.error;
    const bool cancelled = blocked_by.state == NodeState::kCancelled;
    settle(id, cancelled ? NodeState::kCancelled : NodeState::kSkipped);
  } else if (graph_[id].mapped) {
    expand(id);
  } else {
    find_key(id);
  }
}

void Scheduler::expand(NodeId id) {
  if (states_[id].expanded) {
    const auto& elements = states_[id].elements;
    const auto bad = std::find_if(elements.begin(), elements.end(), [&](NodeId element) {
      return states_[element].state != NodeState::kDone;
    });
    if (bad == elements.end()) return settle(id, NodeState::kDone);
    const NodeStatus& element = states_[*bad];
    states_[id].error =
        element.state == NodeState::kFailed ? "'" + graph_[*bad].name + "' failed" : element.error;
    return settle(
        id, element.state == NodeState::kCancelled ? NodeState::kCancelled : NodeState::kSkipped);
  }
  try {
    const auto elements = graph_.expand(id, Resolver(graph_, states_).lists(id));
    states_.resize(graph_.size());
    reports_.resize(graph_.size());
    progress_.total += elements.size();
    states_[id].elements = elements;
    states_[id].expanded = true;
    states_[id].pending = static_cast<std::uint32_t>(elements.size());
    ready_.insert(ready_.end(), elements.begin(), elements.end());
    if (elements.empty()) ready_.push_back(id);
  } catch (const WorkflowError& error) {
    Failure failure;
    failure.cause = Cause::kInput;
    failure.message = error.what();
    fail(id, std::move(failure));
  }
}

void Scheduler::find_key(NodeId id) {
  Task task;
  task.id = id;
  task.node = graph_[id].name;
  task.interface = graph_[id].definition->interface;
  task.needs = graph_[id].definition->options.resources;
  task.placement = graph_[id].definition->options.placement;
  bool unknown = false;
  try {
    task.inputs = Resolver(graph_, states_).inputs(id);
    const auto digest = [&](const fs::path& path) {
      const auto found = produced_.find(path.native());
      if (found != produced_.end()) return found->second;
      if (const auto version = memo_.known(path)) return version->digest;
      const auto identity = work_folder_.file_system().identify(path);
      if (!identity) throw std::system_error(ENOENT, std::generic_category(), path.string());
      if (!identity->folder && identity->size_bytes <= kReadAtOnce_bytes)
        return memo_.find(path).digest;
      unknown = true;
      return Digest();
    };
    CacheKey key = cache_key(graph_[id].definition->name, *task.interface, task.inputs, digest);
    tasks_[id] = std::move(task);
    if (unknown) return digest_in_background(id);
    on_key(id, std::move(key));
  } catch (const std::exception& error) {
    Failure failure;
    failure.cause = Cause::kInput;
    failure.message = std::string("an input cannot be read: ") + error.what();
    fail(id, std::move(failure));
  }
}

void Scheduler::digest_in_background(NodeId id) {
  ++digesting_;
  std::vector<fs::path> paths;
  for (const Value& value : tasks_.at(id).inputs) {
    for_each_path(value, [&](const fs::path& path) {
      if (!path.empty() && produced_.count(path.native()) == 0) paths.push_back(path);
    });
  }
  readers_.submit([this, id, paths = std::move(paths)] {
    std::unordered_map<std::string, Digest> found;
    try {
      for (const auto& path : paths) found[path.native()] = memo_.find(path).digest;
    } catch (const std::system_error&) {  // found again, and reported, in the loop's thread
    }
    loop_.post([this, id, found = std::move(found)] {
      --digesting_;
      for (const auto& [path, digest] : found) produced_.insert_or_assign(path, digest);
      if (halted_.empty()) find_key(id);
    });
  });
}

void Scheduler::on_key(NodeId id, CacheKey key) {
  Assessment assessment = assessor_.assess(graph_[id].name, key);
  if (assessment.result != nullptr) {
    tasks_.erase(id);
    return use(id, *assessment.result, true);
  }
  Task& task = tasks_.at(id);
  task.folder = WorkFolder::folder_name(graph_[id].definition->name, key.digest);
  task.key = std::move(key);
  reports_[id].reasons = std::move(assessment.reasons);
  if (assessment.damaged) {
    warn("'" + task.node + "' runs again: " + reports_[id].reasons.front());
    history_.results.erase(task.key.digest);
  }
  if (const auto refusal = executor_->refusal(task.needs)) {
    Failure failure;
    failure.cause = Cause::kRefused;
    failure.message = *refusal;
    return fail(id, std::move(failure));
  }
  states_[id].state = NodeState::kQueued;
  queue_.push(id, graph_[id].height, task.placement, task.needs);
}

void Scheduler::dispatch() {
  while (halted_.empty()) {
    std::optional<Slots> slots;
    const auto id = queue_.pop([&](Placement placement, const Resources& needs) {
      slots = executor_->take(needs, placement);
      return slots.has_value();
    });
    if (!id) break;
    start(*id, std::move(*slots));
  }
  executor_->flush();
}

bool Scheduler::adopt(NodeId id) {
  const Task& task = tasks_.at(id);
  auto stored = work_folder_.stored(task.folder, task.key.digest);
  if (stored && !stored->collected &&
      !find_damage(*stored, memo_, work_folder_.file_system(), stored->boot != boot_id())) {
    log_->add(*stored);
    ++logged_;
    history_.add(std::move(*stored));
    use(id, history_.results.at(task.key.digest), true);
    return true;
  }
  if (!stored && work_folder_.discard(task.folder))
    warn("'" + task.node + "' runs again: its result is damaged");
  if (stored) work_folder_.discard(task.folder);
  return false;
}

void Scheduler::start(NodeId id, Slots slots) {
  Task& task = tasks_.at(id);
  const auto skip_start = [&] { executor_->give_back(slots, task.placement); };
  try {
    if (!work_folder_.try_lock(task.key.digest)) {
      skip_start();
      if (foreign_.empty()) loop_.after(kForeignRetry, [this] { retry_foreign(); });
      foreign_.push_back(id);
      return;
    }
    if (adopt(id)) {
      skip_start();
      work_folder_.unlock(task.key.digest);
      tasks_.erase(id);
      return;
    }
  } catch (const std::system_error& error) {
    skip_start();
    Failure failure;
    failure.cause = Cause::kException;
    failure.message = error.what();
    return fail(id, std::move(failure));
  }
  task.slots = std::move(slots);
  task.attempt_dir = work_folder_.new_attempt(task.folder);
  states_[id].state = NodeState::kRunning;
  ++progress_.running;
  emit(Event::Kind::kNodeStarted, task.node,
       reports_[id].reasons.empty() ? std::string() : reports_[id].reasons.front());
  executor_->start(
      task, [this](const Task& done, TaskOutcome outcome) { on_done(done, std::move(outcome)); });
}

void Scheduler::retry_foreign() {
  for (const NodeId id : std::exchange(foreign_, {})) {
    const Task& task = tasks_.at(id);
    queue_.push(id, graph_[id].height, task.placement, task.needs);
  }
}

void Scheduler::on_done(const Task& task, TaskOutcome outcome) {
  executor_->give_back(task.slots, task.placement);
  --progress_.running;
  if (auto* result = std::get_if<Result>(&outcome)) {
    ++executed_;
    log_->add(*result);
    ++logged_;
    history_.add(std::move(*result));
    use(task.id, history_.results.at(task.key.digest), false);
  } else {
    auto& failure = std::get<Failure>(outcome);
    if (retry(task, failure)) return;
    write_crash_files(task, failure);
    fail(task.id, std::move(failure));
  }
  work_folder_.unlock(task.key.digest);
  tasks_.erase(task.id);
  sync_in_background();
}

bool Scheduler::retry(const Task& task, const Failure& failure) {
  const bool killed = failure.cause == Cause::kSignal && failure.signal == SIGKILL;
  if (!halted_.empty() || task.attempt >= kMostAttempts) return false;
  if (!killed && failure.cause != Cause::kMemory) return false;
  const std::uint64_t budget_bytes = options_.limits.memory_bytes;
  Task& again = tasks_.at(task.id);
  if (failure.cause == Cause::kMemory || task.needs.memory_bytes != 0) {
    const std::uint64_t used_bytes = failure.usage.peak_bytes.value_or(0);
    std::uint64_t more_bytes = std::max(4 * task.needs.memory_bytes, 2 * used_bytes);
    if (budget_bytes != 0) more_bytes = std::min(more_bytes, budget_bytes);
    const std::uint64_t had_bytes =
        task.needs.memory_bytes != 0 ? task.needs.memory_bytes : budget_bytes;
    if (failure.cause == Cause::kMemory && more_bytes <= had_bytes) return false;
    again.needs.memory_bytes = more_bytes;
  }
  ++again.attempt;
  work_folder_.unlock(task.key.digest);
  emit(Event::Kind::kNodeRetried, task.node, failure.message, &failure.usage);
  states_[task.id].state = NodeState::kQueued;
  queue_.push(task.id, graph_[task.id].height, again.placement, again.needs);
  return true;
}

void Scheduler::write_crash_files(const Task& task, const Failure& failure) {
  if (failure.cause == Cause::kCancelled) return;
  const fs::path folder =
      options_.crash_dir.empty() ? work_folder_.crashes() : fs::absolute(options_.crash_dir);
  try {
    reports_[task.id].crash_file = write_crash(work_folder_, folder, task, failure, program_);
  } catch (const std::system_error& error) {
    if (failure.cause != Cause::kDiskFull)
      warn(std::string("a crash file cannot be written: ") + error.what());
  }
}

void Scheduler::use(NodeId id, const Result& result, bool cached) {
  states_[id].result = &result;
  states_[id].cached = cached;
  states_[id].collected = result.collected;
  for (const auto& file : result.files) {
    produced_.insert_or_assign(file.path.native(), file.version.digest);
    if (!cached) memo_.remember(file.version);
  }
  if (!cached) {
    for (const auto& text : result.warnings) warn("'" + graph_[id].name + "': " + text);
  }
  settle(id, NodeState::kDone);
}

void Scheduler::fail(NodeId id, Failure failure) {
  reports_[id].cause = failure.cause;
  reports_[id].usage = failure.usage;
  states_[id].error = std::move(failure.message);
  if (failure.cause == Cause::kDiskFull) {
    outcome_.disk_full = true;
    halt("the disk is full: " + states_[id].error);
  } else if (options_.stop_on_first_crash) {
    halt("a node failed");
  }
  settle(id, outcome_.cancelled ? NodeState::kCancelled : NodeState::kFailed);
}

}  // namespace hypersynth::pipeline
