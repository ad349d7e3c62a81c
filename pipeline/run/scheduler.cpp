#include "pipeline/run/scheduler.h"

#include <algorithm>
#include <signal.h>
#include <system_error>

#include <boost/filesystem/operations.hpp>

#include "pipeline/execution/local_executor.h"
#include "pipeline/slurm/slurm_executor.h"

namespace hypersynth::pipeline {
namespace {

constexpr std::uint64_t kReadAtOnce_bytes = 256 * 1024;
constexpr std::size_t kBackgroundThreads = 2;
constexpr const char* kUnreadable = "an input cannot be read: ";
constexpr auto kForeignRetry = std::chrono::milliseconds(50);

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
      reporter_(options.observer),
      journal_(work_folder_, memo_, loop_, options.sync),
      program_(program_of(options)),
      executor_(make_executor()),
      states_(graph_.size()),
      reports_(graph_.size()),
      collector_(graph_, states_, work_folder_),
      background_threads_(kBackgroundThreads) {}

Scheduler::~Scheduler() = default;

std::unique_ptr<Executor> Scheduler::make_executor() {
  auto local =
      std::make_unique<LocalExecutor>(work_folder_, memo_, loop_, options_.limits, program_);
  if (!options_.slurm) return local;
  return std::make_unique<SlurmExecutor>(
      *options_.slurm, work_folder_, loop_, program_, std::make_unique<RealSlurmCommands>(),
      std::move(local), [this](const std::string& message) { reporter_.warn(message); });
}

void Scheduler::begin() {
  history_ = journal_.load();
  work_folder_.clear_attempts();
  if (history_.damaged_lines > 0) {
    reporter_.warn(std::to_string(history_.damaged_lines) +
                   " line(s) of the run log are cut or damaged; what they recorded is looked up "
                   "again");
  }
  reporter_.progress().total = graph_.size();
  reporter_.tell(Event::Kind::kRunStarted, "", graph_.name());
  for (const NodeId id : graph_.order()) {
    states_[id].pending = static_cast<std::uint32_t>(graph_[id].dependencies.size());
    if (states_[id].pending == 0) ready_.push_back(id);
  }
}

RunReport Scheduler::run() {
  const std::stop_callback on_stop(options_.stop, [this] { loop_.post([this] { cancel(); }); });
  begin();
  while (true) {
    advance();
    if (!is_busy()) break;
    write_journal();
    loop_.run_once();
  }
  finish();
  reporter_.tell(Event::Kind::kRunFinished, "", halted_);
  return make_report();
}

bool Scheduler::is_busy() const {
  if (reporter_.progress().running > 0 || background_ > 0 || !ready_.empty()) return true;
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
  if (waits_for_revival(id)) return;
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
    reporter_.progress().total += elements.size();
    states_[id].elements = elements;
    states_[id].expanded = true;
    states_[id].pending = static_cast<std::uint32_t>(elements.size());
    ready_.insert(ready_.end(), elements.begin(), elements.end());
    if (elements.empty()) ready_.push_back(id);
  } catch (const WorkflowError& error) {
    fail_input(id, error.what());
  }
}

Digest Scheduler::digest_if_quick(const fs::path& path, bool& unknown) {
  const auto found = produced_.find(path.native());
  if (found != produced_.end()) return found->second;
  if (const auto version = memo_.known(path)) return version->digest;
  const auto identity = work_folder_.file_system().identify(path);
  if (!identity) throw std::system_error(ENOENT, std::generic_category(), path.string());
  if (!identity->folder && identity->size_bytes <= kReadAtOnce_bytes)
    return memo_.find(path).digest;
  unknown = true;
  return {};
}

void Scheduler::find_key(NodeId id) {
  Task task;
  task.id = id;
  task.node = graph_[id].name;
  task.interface = graph_[id].definition->interface;
  task.needs = graph_[id].definition->options.resources;
  task.placement = graph_[id].definition->options.placement;
  task.served = graph_[id].definition->options.served;
  bool unknown = false;
  try {
    task.inputs = Resolver(graph_, states_).inputs(id);
    CacheKey key = cache_key(graph_[id].definition->name, *task.interface, task.inputs,
                             [&](const fs::path& path) { return digest_if_quick(path, unknown); });
    tasks_[id] = std::move(task);
    if (unknown) return digest_in_background(id);
    on_key(id, std::move(key));
  } catch (const std::exception& error) {
    fail_input(id, kUnreadable + std::string(error.what()));
  }
}

void Scheduler::digest_in_background(NodeId id) {
  ++background_;
  std::vector<fs::path> paths;
  for (const Value& value : tasks_.at(id).inputs) {
    for_each_path(value, [&](const fs::path& path) {
      if (!path.empty() && produced_.count(path.native()) == 0) paths.push_back(path);
    });
  }
  background_threads_.submit([this, id, paths = std::move(paths)] {
    std::unordered_map<std::string, Digest> found;
    std::string problem;
    try {
      for (const auto& path : paths) found[path.native()] = memo_.find(path).digest;
    } catch (const std::exception& error) {
      problem = error.what();
    }
    loop_.post([this, id, found = std::move(found), problem = std::move(problem)] {
      --background_;
      for (const auto& [path, digest] : found) produced_.insert_or_assign(path, digest);
      if (!halted_.empty()) return;
      if (problem.empty()) return find_key(id);
      tasks_.erase(id);
      fail_input(id, kUnreadable + problem);
    });
  });
}

void Scheduler::on_key(NodeId id, CacheKey key) {
  Assessment assessment = assessor_.assess(graph_[id].name, key);
  if (assessment.result) {
    tasks_.erase(id);
    return use(id, std::move(assessment.result), true);
  }
  Task& task = tasks_.at(id);
  if (!states_[id].reviving) reports_[id].reasons = std::move(assessment.reasons);
  if (assessment.damaged) {
    reporter_.warn("'" + task.node + "' runs again: " + reports_[id].reasons.front());
    history_.results.erase(key.digest);
  }
  task.folder = WorkFolder::folder_name(graph_[id].definition->name, key.digest);
  task.key = std::move(key);
  if (revive_sources(id)) return;
  if (const auto refusal = executor_->refusal(task.needs, task.placement)) {
    Failure failure;
    failure.cause = Cause::kRefused;
    failure.message = *refusal;
    return fail(id, std::move(failure));
  }
  enqueue(id);
}

void Scheduler::enqueue(NodeId id) {
  const Task& task = tasks_.at(id);
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

/// Uses a result that the log does not know, if it stands.
bool Scheduler::adopt(NodeId id, std::optional<Result> stored) {
  if (!stored) return false;
  if (stored->collected
          ? states_[id].reviving
          : find_damage(*stored, memo_, work_folder_.file_system(), stored->boot != boot_id())
                .has_value())
    return false;
  const auto result = std::make_shared<const Result>(std::move(*stored));
  journal_.log().add(*result);
  if (result->collected) journal_.log().add_collected(result->key.digest);
  history_.add(result);
  use(id, result, true);
  return true;
}

/// Whether the node is now ours to run; else it waits for another, or has its result already.
bool Scheduler::begin_task(NodeId id) {
  const Task& task = tasks_.at(id);
  const Digest key = task.key.digest;
  const auto [same, first] = in_flight_.try_emplace(key);
  if (!first) {
    same->second.push_back(id);
    return false;
  }
  if (!work_folder_.try_lock(key)) {
    in_flight_.erase(same);
    if (foreign_.empty()) loop_.after(kForeignRetry, [this] { retry_foreign(); });
    foreign_.push_back(id);
    return false;
  }
  auto stored = work_folder_.stored(task.folder, key);
  const bool intact = stored.has_value();
  if (!adopt(id, std::move(stored))) {
    const bool discarded = work_folder_.discard(task.folder);
    if (discarded && !intact)
      reporter_.warn("'" + task.node + "' runs again: its result is damaged");
    return true;
  }
  in_flight_.erase(key);
  work_folder_.unlock(key);
  tasks_.erase(id);
  return false;
}

void Scheduler::start(NodeId id, Slots slots) {
  Task& task = tasks_.at(id);
  const Placement placement = task.placement;
  try {
    if (!begin_task(id)) return executor_->give_back(slots, placement);
  } catch (const std::system_error& error) {
    executor_->give_back(slots, placement);
    in_flight_.erase(task.key.digest);
    return fail_input(id, error.what());
  }
  task.slots = std::move(slots);
  task.attempt_dir = work_folder_.new_attempt(task.folder);
  states_[id].state = NodeState::kRunning;
  ++reporter_.progress().running;
  const auto& reasons = reports_[id].reasons;
  reporter_.tell(Event::Kind::kNodeStarted, task.node, reasons.empty() ? "" : reasons.front());
  executor_->start(
      task, [this](const Task& done, TaskOutcome outcome) { on_done(done, std::move(outcome)); });
}

void Scheduler::retry_foreign() {
  for (const NodeId id : std::exchange(foreign_, {})) enqueue(id);
}

}  // namespace hypersynth::pipeline
