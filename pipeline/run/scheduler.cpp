#include "pipeline/run/scheduler.h"

#include <algorithm>
#include <system_error>

#include <boost/filesystem/operations.hpp>

#include "pipeline/batch/batch_executor.h"
#include "pipeline/execution/crash.h"
#include "pipeline/execution/local_executor.h"
#include "pipeline/run/retry.h"

namespace hypersynth::pipeline {
namespace {

std::vector<std::string> program_of(const RunOptions& options) {
  if (!options.program.empty()) return options.program;
  return {fs::read_symlink("/proc/self/exe").string()};
}

const FileSystem& file_system_of(const RunOptions& options) {
  return options.file_system != nullptr ? *options.file_system : real_file_system();
}

Task task_of(NodeId id, const GraphNode& node) {
  Task task;
  task.id = id;
  task.node = node.name;
  task.interface = node.definition->interface;
  task.needs = node.definition->options.resources;
  task.placement = node.definition->options.placement;
  task.served = node.definition->options.served;
  return task;
}

/// The nodes that a node reads from: elements in the place of what they belong to.
std::vector<NodeId> readable_sources(const Graph& graph, const std::vector<NodeStatus>& states,
                                     NodeId id) {
  std::vector<NodeId> sources;
  for (const NodeId source : graph[id].dependencies) {
    sources.push_back(source);
    const auto& elements = states[source].elements;
    sources.insert(sources.end(), elements.begin(), elements.end());
  }
  return sources;
}

/// What runs the tasks: this machine, or the cluster with this machine for light tasks.
std::unique_ptr<Executor> make_executor(const std::optional<BatchOptions>& cluster,
                                        const ExecutorSetup& setup) {
  auto local = std::make_unique<LocalExecutor>(setup.work_folder, setup.memo, setup.loop,
                                               setup.limits, setup.program);
  if (cluster) return make_cluster_executor(*cluster, setup, std::move(local));
  return local;
}

}  // namespace

Scheduler::Scheduler(Graph graph, const RunOptions& options)
    : options_(options),
      work_folder_(options.work_dir, file_system_of(options)),
      memo_(work_folder_.file_system()),
      assessor_(history_, memo_, work_folder_.file_system(), options.verify),
      reporter_(options.observer),
      journal_(work_folder_, memo_, loop_, options.sync),
      program_(program_of(options)),
      executor_(make_executor(options_.cluster,
                              {work_folder_, memo_, loop_, options_.limits, program_,
                               [this](const std::string& message) { reporter_.warn(message); }})),
      nodes_(std::move(graph), reporter_),
      keys_(memo_, work_folder_.file_system(), loop_),
      claims_(work_folder_, loop_, [this](NodeId id) { enqueue(id); }),
      collector_(nodes_, work_folder_, journal_, reporter_, loop_) {}

Scheduler::~Scheduler() = default;

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
  outcome_.warnings = reporter_.warnings();
  outcome_.nodes = nodes_.take_reports();
  return std::move(outcome_);
}

void Scheduler::begin() {
  history_ = journal_.load();
  work_folder_.clear_attempts();
  if (history_.damaged_lines > 0) {
    reporter_.warn(std::to_string(history_.damaged_lines) +
                   " line(s) of the run log are cut or damaged; what they recorded is looked up "
                   "again");
  }
  nodes_.begin();
  reporter_.tell(Event::Kind::kRunStarted, "", nodes_.graph().name());
}

/// Takes every step that is possible now.
void Scheduler::advance() {
  do {
    while (const auto id = nodes_.take_ready()) consider(*id);
    dispatch();
  } while (nodes_.any_ready());
}

bool Scheduler::is_busy() const {
  if (reporter_.progress().running > 0 || keys_.is_busy() || collector_.is_busy()) return true;
  return halted_.empty() && (!queue_.empty() || claims_.waits_for_others());
}

void Scheduler::finish() {
  nodes_.cancel_rest(halted_);
  if (options_.clean_workdir && halted_.empty()) collector_.remove_superseded(history_);
  write_journal();
  try {
    journal_.finish();
  } catch (const std::system_error& error) {
    if (outcome_.disk_full) return;
    outcome_.disk_full = is_disk_error(error.code());
    reporter_.warn(std::string("results may not be on the disk yet: ") + error.what());
  }
}

// From a node whose dependencies are settled to a running task.

void Scheduler::consider(NodeId id) {
  if (waits_for_revival(id)) return;
  if (const auto blocker = nodes_.resolver().blocker(id)) {
    fall_with(id, *blocker);
  } else if (nodes_.graph()[id].mapped) {
    consider_mapped(id);
  } else {
    find_key(id);
  }
}

void Scheduler::consider_mapped(NodeId id) {
  if (nodes_.state(id).expanded) {
    const auto& elements = nodes_.state(id).elements;
    const auto bad = std::find_if(elements.begin(), elements.end(), [&](NodeId element) {
      return nodes_.state(element).state != NodeState::kDone;
    });
    return bad == elements.end() ? settle(id, NodeState::kDone) : fall_with(id, *bad);
  }
  try {
    nodes_.expand(id);
  } catch (const WorkflowError& error) {
    fail(id, input_failure(error));
  }
}

void Scheduler::find_key(NodeId id) {
  const GraphNode& node = nodes_.graph()[id];
  Task task = task_of(id, node);
  try {
    task.inputs = nodes_.resolver().inputs(id);
    auto key = keys_.find(node.definition->name, task);
    tasks_[id] = std::move(task);
    if (key) return on_key(id, std::move(*key));
    keys_.read_files(tasks_[id], [this, id](const std::optional<Failure>& problem) {
      if (!halted_.empty()) return;
      if (!problem) return find_key(id);
      tasks_.erase(id);
      fail(id, *problem);
    });
  } catch (const std::exception& error) {
    fail(id, input_failure(error, KeyFinder::kUnreadable));
  }
}

void Scheduler::on_key(NodeId id, CacheKey key) {
  Assessment assessment = assessor_.assess(nodes_.graph()[id].name, key);
  if (assessment.result) {
    tasks_.erase(id);
    return use(id, std::move(assessment.result), true);
  }
  Task& task = tasks_.at(id);
  auto& reasons = nodes_.report(id).reasons;
  if (!nodes_.state(id).reviving) reasons = std::move(assessment.reasons);
  if (assessment.damaged) {
    reporter_.warn("'" + task.node + "' runs again: " + reasons.front());
    history_.results.erase(key.digest);
  }
  task.folder = WorkFolder::folder_name(nodes_.graph()[id].definition->name, key.digest);
  task.key = std::move(key);
  if (revive_sources(id)) return;
  if (const auto refusal = executor_->refusal(task.needs, task.placement))
    return fail(id, make_failure(Cause::kRefused, *refusal));
  enqueue(id);
}

void Scheduler::enqueue(NodeId id) {
  const Task& task = tasks_.at(id);
  nodes_.state(id).state = NodeState::kQueued;
  queue_.push(id, nodes_.graph()[id].height, task.placement, task.needs);
}

/// Starts what there is room for.
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

void Scheduler::start(NodeId id, Slots slots) {
  Task& task = tasks_.at(id);
  const Placement placement = task.placement;
  try {
    if (!claim(id)) return executor_->give_back(slots, placement);
  } catch (const std::system_error& error) {
    executor_->give_back(slots, placement);
    claims_.give_back(task.key.digest);
    return fail(id, input_failure(error));
  }
  task.slots = std::move(slots);
  task.attempt_dir = work_folder_.new_attempt(task.folder);
  nodes_.state(id).state = NodeState::kRunning;
  ++reporter_.progress().running;
  const auto& reasons = nodes_.report(id).reasons;
  reporter_.tell(Event::Kind::kNodeStarted, task.node, reasons.empty() ? "" : reasons.front());
  executor_->start(
      task, [this](const Task& done, TaskOutcome outcome) { on_done(done, std::move(outcome)); });
}

/// Whether the node is now ours to run; else it waits for another, or has its result already.
bool Scheduler::claim(NodeId id) {
  const Task& task = tasks_.at(id);
  const Digest key = task.key.digest;
  if (!claims_.take(id, key)) return false;
  auto stored = work_folder_.stored(task.folder, key);
  const bool intact = stored.has_value();
  if (!adopt(id, std::move(stored))) {
    const bool discarded = work_folder_.discard(task.folder);
    if (discarded && !intact)
      reporter_.warn("'" + task.node + "' runs again: its result is damaged");
    return true;
  }
  claims_.give_back(key);
  tasks_.erase(id);
  return false;
}

/// Uses a result that the log does not know, if it stands.
bool Scheduler::adopt(NodeId id, std::optional<Result> stored) {
  if (!stored) return false;
  if (stored->collected ? nodes_.state(id).reviving
                        : find_damage(*stored, memo_, work_folder_.file_system(),
                                      options_.verify || stored->boot != boot_id())
                              .has_value())
    return false;
  const auto result = std::make_shared<const Result>(std::move(*stored));
  journal_.log().add(*result);
  if (result->collected) journal_.log().add_collected(result->key.digest);
  history_.add(result);
  use(id, result, true);
  return true;
}

// What becomes of a task, and of its node.

void Scheduler::on_done(const Task& task, TaskOutcome outcome) {
  executor_->give_back(task.slots, task.placement);
  --reporter_.progress().running;
  if (auto* result = std::get_if<Result>(&outcome)) {
    reporter_.count_execution();
    const auto shared = std::make_shared<const Result>(std::move(*result));
    journal_.log().add(*shared);
    history_.add(shared);
    use(task.id, shared, false);
  } else {
    const auto& failure = std::get<Failure>(outcome);
    if (retry(task, failure)) return;
    write_crash_files(task, failure);
    fail(task.id, failure);
  }
  claims_.give_back(task.key.digest);
  tasks_.erase(task.id);
  try {
    journal_.sync_now_and_then();
  } catch (const std::system_error&) {  // the next write reports it
  }
}

bool Scheduler::retry(const Task& task, const Failure& failure) {
  if (!halted_.empty()) return false;
  const auto needs = needs_of_retry(task, failure, executor_->most_memory_bytes(task.placement));
  if (!needs) return false;
  Task& again = tasks_.at(task.id);
  again.needs = *needs;
  ++again.attempt;
  reporter_.tell(Event::Kind::kNodeRetried, task.node, failure.message, &failure.usage, &failure);
  claims_.give_back(task.key.digest);
  enqueue(task.id);
  return true;
}

void Scheduler::write_crash_files(const Task& task, const Failure& failure) {
  if (failure.cause == Cause::kCancelled || outcome_.cancelled) return;
  const fs::path folder =
      options_.crash_dir.empty() ? work_folder_.crashes() : fs::absolute(options_.crash_dir);
  try {
    nodes_.report(task.id).crash_file = write_crash(work_folder_, folder, task, failure, program_);
  } catch (const std::system_error& error) {
    if (failure.cause == Cause::kDiskFull) return;
    if (is_disk_error(error.code())) outcome_.disk_full = true;
    reporter_.warn(std::string("a crash file cannot be written: ") + error.what());
  }
}

void Scheduler::use(NodeId id, std::shared_ptr<const Result> result, bool cached) {
  NodeStatus& status = nodes_.state(id);
  status.result = std::move(result);
  status.cached = cached;
  status.collected = status.result->collected;
  keys_.remember(*status.result);
  if (!cached) {
    for (const auto& file : status.result->files) memo_.remember(file.version);
    for (const auto& text : status.result->warnings)
      reporter_.warn("'" + nodes_.graph()[id].name + "': " + text);
  }
  if (options_.clean_workdir) collector_.pin_sources(*status.result);
  settle(id, NodeState::kDone);
}

void Scheduler::fail(NodeId id, const Failure& failure) {
  NodeReport& report = nodes_.report(id);
  report.cause = failure.cause;
  report.input = failure.input;
  report.usage = failure.usage;
  nodes_.state(id).error = failure.message;
  if (failure.cause == Cause::kDiskFull) {
    outcome_.disk_full = true;
    halt("nothing more can be written: " + failure.message);
  } else if (options_.stop_on_first_crash) {
    halt("a node failed");
  }
  // Where this run is ending, a task that reports a cancellation was cancelled by the run itself.
  // Otherwise somebody else ended it, as with scancel: its node has failed.
  const bool cancelled =
      outcome_.cancelled || (failure.cause == Cause::kCancelled && !halted_.empty());
  settle(id, cancelled ? NodeState::kCancelled : NodeState::kFailed, &failure);
}

/// The node has no result because `source`, which it needs, has none.
void Scheduler::fall_with(NodeId id, NodeId source) {
  const NodeStatus& cause = nodes_.state(source);
  const bool is_first = cause.state == NodeState::kFailed;
  nodes_.state(id).error = is_first ? "'" + nodes_.graph()[source].name + "' failed" : cause.error;
  const bool cancelled = cause.state == NodeState::kCancelled;
  settle(id, cancelled ? NodeState::kCancelled : NodeState::kSkipped);
}

void Scheduler::settle(NodeId id, NodeState state, const Failure* failure) {
  nodes_.settle(id, state, failure);
  if (nodes_.state(id).reviving) {
    nodes_.state(id).reviving = false;
    for (const NodeId waiting : revivals_.end(id)) nodes_.make_ready(waiting);
  } else if (options_.clean_workdir && state == NodeState::kDone) {
    collector_.collect_after(id);
  }
}

// Nodes whose files were removed although they are needed after all.

bool Scheduler::waits_for_revival(NodeId id) {
  if (revivals_.empty()) return false;
  for (const NodeId source : readable_sources(nodes_.graph(), nodes_.states(), id)) {
    if (nodes_.state(source).reviving) revivals_.add(source, id);
  }
  return revivals_.is_waiting(id);
}

/// Whether the node's task has ended for now: its sources run again first, or it has a result.
bool Scheduler::revive_sources(NodeId id) {
  std::vector<NodeId> gone;
  for (const NodeId source : readable_sources(nodes_.graph(), nodes_.states(), id)) {
    const NodeStatus& status = nodes_.state(source);
    if (status.state == NodeState::kDone && status.collected) gone.push_back(source);
  }
  const Task& task = tasks_.at(id);
  const bool here = !gone.empty() && adopt(id, work_folder_.stored(task.folder, task.key.digest));
  if (!here) {
    for (const NodeId source : gone) revive(source, id);
    if (!waits_for_revival(id)) return false;
  }
  tasks_.erase(id);
  return true;
}

void Scheduler::revive(NodeId id, NodeId needed_by) {
  NodeStatus& status = nodes_.state(id);
  history_.results.erase(status.result->key.digest);
  status.state = NodeState::kWaiting;
  status.reviving = true;
  status.collected = false;
  --reporter_.progress().done;
  if (status.cached) --reporter_.progress().cached;
  revivals_.begin(id);
  nodes_.report(id).reasons = {"its files were removed and '" + nodes_.graph()[needed_by].name +
                               "' needs them"};
  nodes_.make_ready(id);
}

// The end of a run before everything is done.

void Scheduler::halt(const std::string& reason) {
  if (!halted_.empty()) return;
  halted_ = reason;
  reporter_.warn(reason);
  executor_->stop_waiting();
}

void Scheduler::cancel() {
  outcome_.cancelled = true;
  halt("cancelled");
  executor_->cancel();
}

void Scheduler::write_journal() {
  try {
    journal_.write();
  } catch (const std::system_error& error) {
    outcome_.disk_full = true;  // whatever its error, the nodes that are left are not done
    halt(std::string("the run log cannot be written: ") + error.what());
  }
}

}  // namespace hypersynth::pipeline
